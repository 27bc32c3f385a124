package io.yimen.simulators;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What residents have asked for at the windows, made up from a seed; the service platform knows every other case, by the
 * same number. The same seed and size give the same cases.
 */
final class Cases {
    static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");

    private static final LocalDate FIRST = LocalDate.of(2025, 9, 1);
    private static final int DAYS = 300;
    private static final DateTimeFormatter BASIC = DateTimeFormatter.BASIC_ISO_DATE;

    /**
     * What can be asked for.
     *
     * @param days within which it is to be done
     */
    record Item(String code, String name, String department, int days) {}

    static final List<Item> ITEMS = List.of(
            new Item("MZ0101", "老年人优待证办理", "民政局", 5),
            new Item("MZ0102", "高龄老年人津贴申请", "民政局", 20),
            new Item("MZ0201", "城市低保申请", "民政局", 30),
            new Item("MZ0301", "临时救助申请", "民政局", 10),
            new Item("RS0101", "灵活就业登记", "人力社保局", 7),
            new Item("RS0102", "失业登记", "人力社保局", 5),
            new Item("RS0201", "城乡居民养老保险参保", "人力社保局", 10),
            new Item("YB0101", "城乡居民医疗保险参保", "医保局", 10),
            new Item("ZJ0101", "公共租赁住房申请", "住建委", 45),
            new Item("CL0101", "残疾人证申请", "残联", 20),
            new Item("WJ0101", "生育登记", "卫健委", 3),
            new Item("TY0101", "退役军人优待证申请", "退役军人局", 20));

    /**
     * One case.
     *
     * @param channel 1 window, 2 online, 3 telephone
     */
    record Case(
            String number,
            Item item,
            Division village,
            Neighbourhood.Resident applicant,
            int channel,
            LocalDate accepted,
            @Nullable LocalDate closed) {
        LocalDate due() {
            return accepted.plusDays(item.days());
        }

        /** When it was last touched. */
        LocalDateTime touched() {
            return (closed == null ? accepted : closed).atTime(9, 30);
        }

        @Override
        public String toString() {
            return "case " + number;
        }
    }

    private Cases() {}

    /**
     * So many of each of the first communities.
     *
     * @param people the community system whose residents ask
     */
    static List<Case> of(CommunitySystem.Options people, int communities, int each) {
        List<Case> cases = new ArrayList<>();
        Neighbourhood.stream(people, new Names()).limit(communities).forEach(n -> {
            SplittableRandom random = new SplittableRandom(
                    people.seed() * 31 + Long.parseLong(n.village().code()));
            List<Neighbourhood.Resident> adults = n.families().stream()
                    .flatMap(f -> f.members().stream())
                    .filter(r -> r.phone() != null)
                    .toList();
            for (int i = 0; i < each && !adults.isEmpty(); i++) {
                Item item = ITEMS.get(random.nextInt(ITEMS.size()));
                LocalDate accepted = FIRST.plusDays(random.nextInt(DAYS));
                LocalDate closed = random.nextInt(10) < 7 ? accepted.plusDays(1 + random.nextInt(item.days())) : null;
                // Every other one came in at the service platform, which gave it its number.
                String number = i % 2 == 0
                        ? ServicePlatform.caseNumber(cases.size() / 2 + 1)
                        : n.village().code() + accepted.format(BASIC) + "%04d".formatted(i);
                cases.add(new Case(
                        number,
                        item,
                        n.village(),
                        adults.get(random.nextInt(adults.size())),
                        1 + random.nextInt(3),
                        accepted,
                        closed));
            }
        });
        return cases;
    }
}
