package io.yimen.simulators;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The people of a real community, made up from a seed: families in homes, those who stood for its committee among them,
 * its staff, and the units in it. The same seed gives the same neighbourhood.
 */
record Neighbourhood(Division village, List<Family> families, List<Worker> workers, List<Unit> units) {
    /** First year of birth: nobody born later was ever given a number as ours are. */
    static final int FIRST_YEAR = 1951;

    static final int LAST_YEAR = 2025;

    private static final String[] COMPOUNDS = {"小区", "家园", "苑", "里小区", "公寓"};
    private static final String[] UNITS = {"小学", "幼儿园", "卫生服务中心", "派出所", "邮政所", "菜市场", "敬老院", "图书馆"};

    /** A flat, or a house in a yard. */
    record Home(String compound, String building, String unit, String door, int use, String area) {
        String address() {
            return compound + building + unit + door;
        }
    }

    /**
     * Somebody who lives here.
     *
     * @param relation to the head of the household, after GB/T 4761
     * @param kind 1 registered here, 2 registered elsewhere in the city, 3 from elsewhere
     */
    record Resident(
            String name,
            boolean male,
            String idNumber,
            String ethnicity,
            String politicalStatus,
            String education,
            @Nullable String phone,
            String relation,
            int kind) {
        LocalDate birth() {
            return IdNumbers.birthDate(idNumber);
        }

        @Override
        public String toString() {
            return "a resident";
        }
    }

    record Family(Home home, List<Resident> members) {}

    /**
     * Who works for the community.
     *
     * @param post 1 head of the station, 2 social worker, 3 grid worker
     */
    record Worker(Resident person, int post, LocalDate from) {}

    /** @param kind 1 station, 2 unit, 3 property company, 4 owners' committee, 5 social organisation */
    record Unit(String name, int kind, String creditCode, String head, String phone, String address) {}

    /**
     * Makes the neighbourhood of a village.
     *
     * @param index the village's number among all
     * @param wanted how many residents, about
     * @param numbers how many ID numbers of a year and sex have been given out; shared by all neighbourhoods
     */
    static Neighbourhood of(
            long seed, Names names, Division village, int index, int wanted, Map<Integer, Integer> numbers) {
        SplittableRandom random = new SplittableRandom(seed * 7_919 + Long.parseLong(village.code()));
        return new Maker(random, names, village, index, numbers).make(seed, wanted);
    }

    /**
     * The neighbourhoods of a community system, one after the other, in its order: numbers are given out to one after the
     * other. Whoever knows some of its people takes the first of them.
     */
    static Stream<Neighbourhood> stream(CommunitySystem.Options people, Names names) {
        Map<Integer, Integer> numbers = new HashMap<>();
        return ElectionSystem.villages(people.seed(), people.communities()).stream()
                .map(v -> of(people.seed(), names, v.division(), v.index(), people.residents(), numbers));
    }

    /** A resident born in about {@code year}, with a number that nobody else has. */
    static Resident resident(
            SplittableRandom random,
            Names names,
            String surname,
            boolean male,
            int year,
            String relation,
            int kind,
            Map<Integer, Integer> numbers) {
        int born = Math.max(FIRST_YEAR, Math.min(LAST_YEAR, year));
        int number = numbers.merge(born * 2 + (male ? 1 : 0), 1, Integer::sum) - 1;
        int age = LAST_YEAR - born;
        int ethnicity = random.nextInt(100);
        int political = random.nextInt(100);
        int education = random.nextInt(100);
        return new Resident(
                names.named(random, surname, male),
                male,
                IdNumbers.ofResident(number, male, born),
                ethnicity < 94 ? "01" : ethnicity < 97 ? "11" : ethnicity < 99 ? "03" : "02",
                age < 18 ? "13" : political < 14 ? "01" : age < 28 && political < 45 ? "03" : "13",
                age < 12
                        ? "80"
                        : age < 16
                                ? "70"
                                : education < 30 ? "20" : education < 50 ? "30" : education < 75 ? "60" : "70",
                age < 14 ? null : Committee.phone(random),
                relation,
                kind);
    }

    private static final class Maker {
        private final SplittableRandom random;
        private final Names names;
        private final Division village;
        private final int index;
        private final Map<Integer, Integer> numbers;
        private final String stem;
        private final List<Family> families = new ArrayList<>();
        private final Set<String> taken = new HashSet<>();

        Maker(SplittableRandom random, Names names, Division village, int index, Map<Integer, Integer> numbers) {
            this.random = random;
            this.names = names;
            this.village = village;
            this.index = index;
            this.numbers = numbers;
            this.stem =
                    village.name().replaceAll("(社区)?(居民委员会|村民委员会|居委会|村委会)$", "").replaceAll("(社区|村)$", "");
        }

        Neighbourhood make(long seed, int wanted) {
            Committee committee = Committee.of(seed, names, village, index);
            Map<String, Committee.Person> known = new LinkedHashMap<>();
            committee
                    .elections()
                    .forEach(e ->
                            e.candidates().forEach(c -> known.put(c.person().idNumber(), c.person())));
            int living = 0;
            for (Committee.Person person : known.values()) {
                // One in ten lives elsewhere.
                if (random.nextInt(10) > 0 && living < wanted) {
                    living += family(head(person));
                }
            }
            while (living < wanted) {
                living += family(null);
            }
            return new Neighbourhood(village, List.copyOf(families), workers(committee), units());
        }

        /** As this system knows who stood for the committee: the number of years ago, as a rule. */
        private Resident head(Committee.Person p) {
            return new Resident(
                    p.name(),
                    p.male(),
                    p.idNumber(),
                    p.ethnicity(),
                    p.politicalStatus(),
                    p.education(),
                    random.nextInt(100) < 65 ? p.phone() : Committee.phone(random),
                    "01",
                    1);
        }

        private int family(@Nullable Resident known) {
            int kind = random.nextInt(100);
            int status = kind < 70 ? 1 : kind < 88 ? 2 : 3;
            boolean male = random.nextInt(100) < 70;
            int year = FIRST_YEAR + 4 + random.nextInt(LAST_YEAR - 26 - FIRST_YEAR);
            Resident head = known != null
                    ? known
                    : resident(
                            random,
                            names,
                            names.surnameOf(names.next(random, male)),
                            male,
                            year,
                            "01",
                            status,
                            numbers);
            int born = head.birth().getYear();
            String surname = names.surnameOf(head.name());
            List<Resident> members = new ArrayList<>(List.of(head));
            int size = random.nextInt(100);
            if (size >= 25) {
                String other = names.surnameOf(names.next(random, !head.male()));
                members.add(resident(
                        random,
                        names,
                        other,
                        !head.male(),
                        born - 3 + random.nextInt(7),
                        head.male() ? "12" : "11",
                        status,
                        numbers));
                String line = head.male() ? surname : other;
                int children = size < 55 ? 0 : size < 87 ? 1 : 2;
                for (int i = 0; i < children; i++) {
                    int childYear = born + 22 + random.nextInt(10) + 2 * i;
                    if (childYear <= LAST_YEAR) {
                        boolean son = random.nextBoolean();
                        members.add(resident(random, names, line, son, childYear, son ? "20" : "30", status, numbers));
                    }
                }
                if (size >= 92 && born - 25 >= FIRST_YEAR) {
                    members.add(resident(random, names, surname, true, born - 26, "51", status, numbers));
                }
            }
            families.add(new Family(home(), List.copyOf(members)));
            return members.size();
        }

        private Home home() {
            while (true) {
                Home home = random.nextInt(5) == 0 && !CreditCodes.isVillagers(village) ? yard() : flat();
                if (taken.add(home.address())) {
                    return home;
                }
            }
        }

        private Home flat() {
            boolean village = CreditCodes.isVillagers(this.village);
            int use = random.nextInt(100) < 78 ? 1 : 2;
            String area = Integer.toString(42 + random.nextInt(90));
            if (village) {
                return new Home(stem + "村", "", "", (1 + random.nextInt(600)) + "号", use, area);
            }
            String compound = stem + COMPOUNDS[random.nextInt(2) * (index % COMPOUNDS.length)];
            int floor = 1 + random.nextInt(16);
            return new Home(
                    compound,
                    (1 + random.nextInt(12)) + "号楼",
                    (1 + random.nextInt(4)) + "单元",
                    floor + "0" + (1 + random.nextInt(4)),
                    use,
                    area);
        }

        private Home yard() {
            return new Home(
                    stem + "胡同",
                    (1 + random.nextInt(90)) + "号院",
                    "",
                    (1 + random.nextInt(9)) + "号",
                    1,
                    Integer.toString(18 + random.nextInt(40)));
        }

        private List<Worker> workers(Committee committee) {
            List<Worker> workers = new ArrayList<>();
            for (Committee.Member member : committee.members()) {
                if (member.serving() && random.nextInt(10) < 8) {
                    workers.add(new Worker(head(member.person()), member.post() == 1 ? 1 : 2, member.from()));
                }
            }
            int others = 2 + random.nextInt(4);
            for (int i = 0; i < others; i++) {
                boolean male = random.nextInt(10) < 3;
                String surname = names.surnameOf(names.next(random, male));
                Resident person = resident(random, names, surname, male, 1970 + random.nextInt(30), "01", 2, numbers);
                workers.add(new Worker(
                        person, 2 + random.nextInt(2), LocalDate.of(2015, 1, 5).plusDays(random.nextInt(3_600))));
            }
            return List.copyOf(workers);
        }

        private List<Unit> units() {
            List<Unit> units = new ArrayList<>();
            String county = village.code().substring(0, 6);
            int number = index * 8;
            String stationName = stem + "社区服务站";
            units.add(unit(stationName, 1, CreditCodes.other("12", county, number++)));
            units.add(unit("北京" + stem + "物业管理有限公司", 3, CreditCodes.other("91", county, number++)));
            int others = 2 + random.nextInt(3);
            int first = random.nextInt(UNITS.length);
            for (int i = 0; i < others; i++) {
                String name = stem + UNITS[(first + i) % UNITS.length];
                units.add(unit(name, 2, CreditCodes.other("12", county, number++)));
            }
            if (random.nextInt(3) == 0) {
                units.add(unit(stem + "小区业主委员会", 4, ""));
            }
            if (random.nextInt(3) == 0) {
                units.add(unit(stem + "社区志愿服务队", 5, ""));
            }
            return List.copyOf(units);
        }

        private Unit unit(String name, int kind, String creditCode) {
            return new Unit(
                    name,
                    kind,
                    creditCode,
                    names.next(random, random.nextBoolean()),
                    "010-%08d".formatted(60_000_000 + random.nextInt(9_999_999)),
                    village.county() + stem + "大街" + (1 + random.nextInt(200)) + "号");
        }
    }
}
