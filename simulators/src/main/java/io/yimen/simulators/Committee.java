package io.yimen.simulators;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A committee with its elections and members, made up from a seed and a real community: the same seed gives the same
 * committee, whatever others are made. Elections follow the rules of the field: valid if more than half of the
 * registered voters cast a ballot, void if more ballots come back than went out, elected with more than half of the
 * ballots cast; a void election is held again.
 */
record Committee(
        Division village,
        int index,
        String name,
        @Nullable String creditCode,
        List<Election> elections,
        List<Member> members) {
    static final LocalDate FIRST_BIRTH = LocalDate.of(1955, 1, 1);
    static final int BIRTH_DAYS = 45 * 365;
    private static final int PERSONS_EACH = 40;
    private static final LocalDate[] TERM_START = {LocalDate.of(2018, 11, 10), LocalDate.of(2021, 11, 6)};
    static final int[] TERMS = {10, 11};

    record Person(
            String name,
            boolean male,
            String idNumber,
            String ethnicity,
            String politicalStatus,
            String education,
            String phone) {
        LocalDate birth() {
            return IdNumbers.birthDate(idNumber);
        }

        /** The same person some years on: another phone, perhaps in the party by now. */
        Person later(SplittableRandom random) {
            return new Person(
                    name,
                    male,
                    idNumber,
                    ethnicity,
                    random.nextInt(8) == 0 ? "01" : politicalStatus,
                    education,
                    random.nextInt(4) == 0 ? Committee.phone(random) : phone);
        }

        @Override
        public String toString() {
            return "a person";
        }
    }

    record Candidate(
            Person person,
            int post,
            @Nullable Integer votes,
            @Nullable Boolean elected) {}

    record Election(
            int term,
            String stage,
            @Nullable LocalDate date,
            int method,
            int registered,
            int issued,
            int cast,
            int valid,
            int result,
            List<Candidate> candidates) {}

    record Member(
            Person person,
            int term,
            int post,
            LocalDate from,
            @Nullable LocalDate to,
            boolean serving) {}

    /** Makes the committee of {@code village}, the {@code index}-th village of its edition. */
    static Committee of(long seed, Names names, Division village, int index) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + Long.parseLong(village.code()));
        return new Maker(random, names, village, index).make();
    }

    /** The legal person: who chairs the current term, or chaired the last one. */
    Person chair() {
        Member chair = members.stream()
                .filter(m -> m.post == 1)
                .reduce((a, b) -> b)
                .orElseThrow(() -> new IllegalStateException("A committee without a chair: " + village.code()));
        return chair.person;
    }

    /** How the committee is called in full. */
    static String fullName(Division village) {
        String name = village.name();
        if (name.endsWith("居民委员会") || name.endsWith("村民委员会")) {
            return name;
        }
        if (name.endsWith("居委会")) {
            return name.substring(0, name.length() - 3) + "居民委员会";
        }
        if (name.endsWith("村委会")) {
            return name.substring(0, name.length() - 3) + "村民委员会";
        }
        return name + (CreditCodes.isVillagers(village) ? "村民委员会" : "居民委员会");
    }

    /** A number of a range that no operator has been given. */
    static String phone(SplittableRandom random) {
        return "142%08d".formatted(random.nextInt(100_000_000));
    }

    static Person person(SplittableRandom random, Names names, long index, LocalDate firstBirth, int days) {
        boolean male = random.nextInt(100) < 46;
        int ethnicity = random.nextInt(100);
        int political = random.nextInt(100);
        int education = random.nextInt(100);
        return new Person(
                names.next(random, male),
                male,
                IdNumbers.of(index, male, firstBirth, days),
                ethnicity < 94 ? "01" : ethnicity < 97 ? "11" : ethnicity < 99 ? "03" : "02",
                political < 58 ? "01" : political < 62 ? "03" : "13",
                education < 34 ? "20" : education < 68 ? "30" : education < 80 ? "40" : education < 94 ? "60" : "70",
                phone(random));
    }

    private static final class Maker {
        private final SplittableRandom random;
        private final Names names;
        private final Division village;
        private final int index;
        private final boolean villagers;
        private final List<Election> elections = new ArrayList<>();
        private final List<Member> members = new ArrayList<>();
        private int persons;

        Maker(SplittableRandom random, Names names, Division village, int index) {
            this.random = random;
            this.names = names;
            this.village = village;
            this.index = index;
            this.villagers = CreditCodes.isVillagers(village);
        }

        Committee make() {
            String full = fullName(village);
            String name =
                    random.nextInt(10) < 7 ? full : full.replace("居民委员会", "居委会").replace("村民委员会", "村委会");
            String creditCode = random.nextInt(100) < 85 ? CreditCodes.of(village, index) : null;
            int registered = villagers ? 220 + random.nextInt(1_600) : 1_400 + random.nextInt(4_800);
            List<Person> before = List.of();
            for (int t = 0; t < TERMS.length; t++) {
                boolean last = t == TERMS.length - 1;
                before = term(t, last, registered, before);
                registered += random.nextInt(-40, 90);
            }
            return new Committee(village, index, name, creditCode, List.copyOf(elections), List.copyOf(members));
        }

        private List<Person> term(int t, boolean last, int registered, List<Person> before) {
            LocalDate day = TERM_START[t].plusDays(random.nextInt(50));
            int[] seats = {1, 1 + random.nextInt(2), 3 + random.nextInt(3)};
            List<Person> slate = slate(seats, before);
            if (last && random.nextInt(100) < 2) {
                // Not finished: the old committee stays in office.
                String stage = random.nextInt(2) == 0 ? "02" : "03";
                List<Candidate> nominated = stage.equals("02")
                        ? List.of()
                        : posts(slate, seats).stream()
                                .map(c -> new Candidate(c.person, c.post, null, null))
                                .toList();
                elections.add(new Election(TERMS[t], stage, null, method(), registered, 0, 0, 0, 0, nominated));
                return before;
            }
            if (random.nextInt(100) < 2) {
                elections.add(voidElection(t, day, registered, seats, slate));
                day = day.plusDays(28);
            }
            return election(t, last, day, registered, seats, slate);
        }

        private Election voidElection(int t, LocalDate day, int registered, int[] seats, List<Person> slate) {
            int issued = registered * 8 / 10;
            boolean tooMany = random.nextInt(3) == 0;
            int cast = tooMany ? issued + 1 + random.nextInt(9) : registered * (30 + random.nextInt(19)) / 100;
            List<Candidate> none = posts(slate, seats).stream()
                    .map(c -> new Candidate(c.person, c.post, null, null))
                    .toList();
            return new Election(TERMS[t], "05", day, method(), registered, issued, cast, 0, 2, none);
        }

        private List<Person> election(
                int t, boolean last, LocalDate day, int registered, int[] seats, List<Person> slate) {
            int issued = registered * (82 + random.nextInt(18)) / 100;
            int cast = Math.max(registered / 2 + 1, issued * (75 + random.nextInt(25)) / 100);
            cast = Math.min(cast, issued);
            int valid = cast - random.nextInt(Math.max(1, cast / 50));
            List<Candidate> counted = new ArrayList<>();
            List<Person> elected = new ArrayList<>();
            int[] taken = new int[3];
            int half = cast / 2;
            for (Candidate c : posts(slate, seats)) {
                boolean wins = taken[c.post - 1] < seats[c.post - 1];
                int votes = wins
                        ? half + 1 + random.nextInt(Math.max(1, (valid - half - 1) * 9 / 10))
                        : random.nextInt(Math.max(1, half * 8 / 10));
                counted.add(new Candidate(c.person, c.post, votes, wins));
                if (wins) {
                    taken[c.post - 1]++;
                    elected.add(c.person);
                    member(t, last, day, c);
                }
            }
            elections.add(new Election(
                    TERMS[t], "05", day, method(), registered, issued, cast, valid, 1, List.copyOf(counted)));
            return elected;
        }

        private void member(int t, boolean last, LocalDate day, Candidate c) {
            LocalDate from = day.plusDays(3);
            if (!last) {
                members.add(new Member(c.person, TERMS[t], c.post, from, TERM_START[t + 1].plusDays(20), false));
                return;
            }
            boolean left = c.post != 1 && random.nextInt(100) < 4;
            LocalDate to = left ? from.plusDays(100 + random.nextInt(1_200)) : null;
            members.add(new Member(c.person, TERMS[t], c.post, from, to, !left));
        }

        /** Those who stand: first those of the last committee who stand again, then new ones. */
        private List<Person> slate(int[] seats, List<Person> before) {
            int wanted = seats[0] + 1 + seats[1] + 1 + seats[2] + 1 + random.nextInt(2);
            List<Person> slate = new ArrayList<>();
            for (Person person : before) {
                if (slate.size() < wanted && random.nextInt(100) < 65) {
                    slate.add(person.later(random));
                }
            }
            while (slate.size() < wanted) {
                slate.add(person(random, names, (long) index * PERSONS_EACH + persons++, FIRST_BIRTH, BIRTH_DAYS));
            }
            for (int i = slate.size() - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                Person swap = slate.get(i);
                slate.set(i, slate.get(j));
                slate.set(j, swap);
            }
            return slate;
        }

        private static List<Candidate> posts(List<Person> slate, int[] seats) {
            List<Candidate> posts = new ArrayList<>();
            int chairs = seats[0] + 1;
            int vices = seats[1] + 1;
            for (int i = 0; i < slate.size(); i++) {
                posts.add(new Candidate(slate.get(i), i < chairs ? 1 : i < chairs + vices ? 2 : 3, null, null));
            }
            return posts;
        }

        private int method() {
            int at = random.nextInt(10);
            return villagers ? 1 : at < 6 ? 1 : at < 8 ? 2 : 3;
        }
    }
}
