package io.yimen.pool.identity.match;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is known of a Han character: its simplified form, its reading, and which others look like it. */
final class Han {
    /** Groups of characters that people and machines take for one another. */
    private static final String LOOK_ALIKE = "己已巳 未末 日曰 土士 戊戌戍戎 人入八 天夭夫 干千于 刀力刁 贝见 鸟乌 免兔 今令 侯候 晴睛 辛幸 析折拆 沐沭 淮准 洋详 玉王主 "
            + "杨扬 侍待诗 健建键 茵菌 芸云 采釆 壁璧 博搏 灸炙 汨汩 栗粟 冶治 茶荼 市巿 丐丏 崇祟 竞竟 拔拨 稍梢 辨辩辫 密蜜 "
            + "募幕墓慕 微徽 喧暄 清请情晴 明朋 伟纬玮炜 佳住 绢娟涓 波坡 涛祷 宇字 亮亭 彬杉 林材 松柏 楠南 淑叔 锋峰 "
            + "钧钩 铁轶 陈阵 阳阴 何河 吴昊 李季 谢榭 苏办 蒋将 薛薜 曹曾 袁哀 温湿 俐利 婷停 媛援 敏梅 晓烧 梓样 "
            + "永水 满漫 玲铃 琳林 瑞端 璐路 祥样 秀季 颖颍 蕾雷 达迭 遥谣 青肯 龙尤 么幺 凡樊 战站 家嘉 裕峪";

    /** Variants that no conversion table of traditional forms holds. */
    private static final String VARIANT = "𠮷吉 峯峰 堃坤 昇升 陞升 甯宁 濬浚 邨村 幺么 珮佩 菓果 崐昆 崑昆 羣群 畧略 凃涂 釆采 逹达 髙高 囯国 嶽岳 勳勋 燿耀 煇辉 椉乘";

    private static final int BMP = 0x10000;
    private static final Han TABLE = load();

    private final short[] reading = new short[0x32400];
    private final char[] simplified = new char[BMP];
    private final java.util.Map<Integer, Integer> rareSimplified = new java.util.HashMap<>();
    private final List<String> syllables = new ArrayList<>();
    private final int[][] alike = new int[BMP][];

    private Han() {
        syllables.add("");
    }

    private static Han load() {
        Han han = new Han();
        try (InputStream in = java.util.Objects.requireNonNull(Han.class.getResourceAsStream("han.txt"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("s ")) {
                    int[] cp = line.codePoints().skip(2).toArray();
                    for (int i = 0; i + 1 < cp.length; i += 2) {
                        // in names 乾 is a character of its own
                        if (cp[i] != '乾') {
                            han.simplify(cp[i], cp[i + 1]);
                        }
                    }
                } else if (line.startsWith("p ")) {
                    int blank = line.indexOf(' ', 2);
                    short id = (short) han.syllables.size();
                    han.syllables.add(line.substring(2, blank));
                    line.codePoints().skip(blank + 1).forEach(c -> han.reading[c] = id);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The table of Han characters cannot be read", e);
        }
        for (String pair : VARIANT.split(" ")) {
            int[] cp = pair.codePoints().toArray();
            han.simplify(cp[0], cp[1]);
        }
        for (String group : LOOK_ALIKE.split(" ")) {
            int[] cp = group.codePoints().toArray();
            for (int c : cp) {
                int[] old = han.alike[c];
                if (old == null) {
                    han.alike[c] = cp;
                } else {
                    int[] both = java.util.Arrays.copyOf(old, old.length + cp.length);
                    System.arraycopy(cp, 0, both, old.length, cp.length);
                    han.alike[c] = both;
                }
            }
        }
        return han;
    }

    private void simplify(int from, int to) {
        if (from < BMP && to < BMP) {
            simplified[from] = (char) to;
        } else {
            rareSimplified.put(from, to);
        }
    }

    /** The simplified form, or the character itself. */
    static int simplified(int c) {
        if (c < BMP) {
            int s = TABLE.simplified[c];
            return s == 0 ? c : s;
        }
        return TABLE.rareSimplified.getOrDefault(c, c);
    }

    /** Number of the toneless syllable, 0 where none is known. */
    static int reading(int c) {
        return c < TABLE.reading.length ? TABLE.reading[c] : 0;
    }

    /** The toneless syllable. */
    static String syllable(int c) {
        return TABLE.syllables.get(reading(c));
    }

    static boolean isSameSound(int a, int b) {
        int r = reading(a);
        return a == b || r != 0 && r == reading(b);
    }

    static boolean looksLike(int a, int b) {
        if (a < BMP) {
            int[] group = TABLE.alike[a];
            if (group != null) {
                for (int c : group) {
                    if (c == b) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    static boolean isHan(int c) {
        return c >= 0x3400 && c <= 0x9fff || c >= 0x20000 && c < 0x32400 || c >= 0xf900 && c <= 0xfaff;
    }
}
