package io.yimen.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private static final long SEED = 7;

    @Test
    void sameSeedMakesTheSameCommittees() {
        List<Committee> once = ElectionSystem.committees(SEED, 60, new Names());

        assertThat(ElectionSystem.committees(SEED, 60, new Names())).isEqualTo(once);
        assertThat(ElectionSystem.committees(SEED + 1, 60, new Names())).isNotEqualTo(once);
    }

    @Test
    void idNumbersAreValidBelongToOnePersonAndWereNeverGivenOut() {
        Map<String, String> owners = new HashMap<>();
        for (Committee committee : ElectionSystem.committees(SEED, 700, new Names())) {
            for (Committee.Election election : committee.elections()) {
                for (Committee.Candidate candidate : election.candidates()) {
                    Committee.Person p = candidate.person();
                    assertThat(IdNumbers.isValid(p.idNumber())).isTrue();
                    assertThat(p.idNumber().substring(14, 17)).isBetween("996", "999");
                    assertThat(p.birth()).isBetween(LocalDate.of(1955, 1, 1), LocalDate.of(1999, 12, 31));
                    assertThat((p.idNumber().charAt(16) - '0') % 2 == 1).isEqualTo(p.male());
                    String owner = committee.index() + p.name();
                    assertThat(owners.merge(p.idNumber(), owner, (a, b) -> a.equals(b) ? a : a + "|" + b))
                            .doesNotContain("|");
                }
            }
        }
        assertThat(owners).hasSizeGreaterThan(9_000);
    }

    @Test
    void idNumbersOfDifferentIndexesDiffer() {
        Set<String> seen = new HashSet<>();
        for (long i = 0; i < 250_000; i++) {
            assertThat(seen.add(IdNumbers.of(i, true, Committee.FIRST_BIRTH, Committee.BIRTH_DAYS)))
                    .isTrue();
        }
    }

    @Test
    void idNumbersOfResidentsAreNobodysAndNoOthers() {
        Set<String> seen = new HashSet<>();
        for (Committee committee : ElectionSystem.committees(SEED, 60, new Names())) {
            committee
                    .elections()
                    .forEach(
                            e -> e.candidates().forEach(c -> seen.add(c.person().idNumber())));
        }
        for (int year = Neighbourhood.FIRST_YEAR; year <= Neighbourhood.LAST_YEAR; year++) {
            for (int i = 0; i < 2_000; i++) {
                String number = IdNumbers.ofResident(i, i % 2 == 0, year);
                assertThat(seen.add(number)).as(number).isTrue();
                assertThat(IdNumbers.isValid(number)).isTrue();
                assertThat(number.substring(14, 17)).isBetween("996", "999");
                assertThat(IdNumbers.birthDate(number).getYear()).isEqualTo(year);
            }
        }
    }

    /** 3.5 million residents are some 30,000 of one sex born in one year at most. */
    @Test
    void aCityHasANumberForEveryResident() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 60_000; i++) {
            String number = IdNumbers.ofResident(i, true, 1980);
            assertThat(seen.add(number)).as(number).isTrue();
        }
        assertThat(seen).allMatch(IdNumbers::isValid);
    }

    /** Else two people would have one number, in two systems. */
    @Test
    void smallerSystemsKnowPeopleOfTheCommunitySystemWhateverItsSize() {
        for (int residents : List.of(300, 6_000, 12_345)) {
            CommunitySystem.Options people = CommunitySystem.Options.of(SEED, residents);
            Map<String, String> living = new HashMap<>();
            Neighbourhood.stream(people, new Names())
                    .flatMap(n -> n.families().stream())
                    .flatMap(f -> f.members().stream())
                    .forEach(r -> living.put(r.idNumber(), r.name()));
            assertThat(living.size()).isBetween(residents * 19 / 20, residents * 21 / 20);
            List<Neighbourhood.Resident> known = new java.util.ArrayList<>();
            Cases.of(people, 20, 5).forEach(c -> known.add(c.applicant()));
            Population.of(SEED, residents)
                    .neighbourhoods()
                    .forEach(n -> n.families().forEach(f -> known.addAll(f.members())));
            assertThat(known)
                    .hasSizeGreaterThan(300)
                    .allSatisfy(r -> assertThat(living.get(r.idNumber())).isEqualTo(r.name()));
        }
    }

    @Test
    void familiesLiveTogetherAndChildrenAreYoungerThanTheirParents() {
        Map<Integer, Integer> numbers = new HashMap<>();
        Committee committee = ElectionSystem.committees(SEED, 1, new Names()).get(0);
        Neighbourhood once = Neighbourhood.of(SEED, new Names(), committee.village(), committee.index(), 300, numbers);
        assertThat(Neighbourhood.of(SEED, new Names(), committee.village(), committee.index(), 300, new HashMap<>()))
                .isEqualTo(once);
        Set<String> homes = new HashSet<>();
        for (Neighbourhood.Family family : once.families()) {
            assertThat(homes.add(family.home().address())).isTrue();
            LocalDate head = family.members().get(0).birth();
            assertThat(family.members().get(0).relation()).isEqualTo("01");
            family.members().stream()
                    .filter(m -> m.relation().equals("20") || m.relation().equals("30"))
                    .forEach(child -> assertThat(child.birth()).isAfter(head.plusYears(20)));
        }
        assertThat(once.families().stream().mapToInt(f -> f.members().size()).sum())
                .isBetween(300, 305);
    }

    @Test
    void recognisesIdNumbersAsTheStandardDoes() {
        assertThat(IdNumbers.isValid("11010818960506233X")).isTrue();
        assertThat(IdNumbers.isValid("130102189902049233")).isTrue();
        assertThat(IdNumbers.isValid("110105189503163185")).isFalse();
        assertThat(IdNumbers.isValid("110105189802290017")).isFalse();
    }

    @Test
    void creditCodesHaveTheirCheckCharacterExceptAFew() {
        List<Division> villages =
                Divisions.edition2023().stream().filter(Division::isVillage).toList();
        Set<String> codes = new HashSet<>();
        int faulty = 0;
        for (int i = 0; i < villages.size(); i++) {
            String code = CreditCodes.of(villages.get(i), i);
            assertThat(code).matches("5[45][0-9A-HJ-NP-RTUWXY]{16}");
            assertThat(codes.add(code)).isTrue();
            faulty += CreditCodes.isValid(code) ? 0 : 1;
        }
        assertThat(faulty).isBetween(5, 30);
        assertThat(CreditCodes.isValid("91310112087994932F")).isTrue();
        assertThat(CreditCodes.isValid("913101203509708598")).isTrue();
        assertThat(CreditCodes.isValid("91350203M0001QKT19")).isFalse();
    }

    @Test
    void electionsObeyTheRulesOfTheField() {
        int invalid = 0;
        for (Committee committee : ElectionSystem.committees(SEED, 700, new Names())) {
            for (Committee.Election e : committee.elections()) {
                if (!e.stage().equals("05")) {
                    assertThat(e.result()).isZero();
                    continue;
                }
                boolean valid = e.cast() * 2 > e.registered() && e.cast() <= e.issued();
                assertThat(e.result()).isEqualTo(valid ? 1 : 2);
                invalid += valid ? 0 : 1;
                for (Committee.Candidate c : e.candidates()) {
                    if (Boolean.TRUE.equals(c.elected())) {
                        assertThat(c.votes())
                                .isNotNull()
                                .isGreaterThan(e.cast() / 2)
                                .isLessThanOrEqualTo(e.valid());
                    }
                }
            }
            assertThat(committee.members()).isNotEmpty();
        }
        assertThat(invalid).isBetween(5, 80);
    }

    @Test
    void rareCharactersAndDoubleSurnamesOccur() {
        StringBuilder all = new StringBuilder();
        Names names = new Names();
        java.util.SplittableRandom random = new java.util.SplittableRandom(1);
        int wang = 0;
        for (int i = 0; i < 50_000; i++) {
            String name = names.next(random, i % 2 == 0);
            wang += name.startsWith("王") ? 1 : 0;
            all.append(name);
        }
        assertThat(all).contains("䶮", "𠮷", "欧阳", "诸葛");
        assertThat(wang).isBetween(3_300, 4_000);
    }

    @Test
    void divisionsKnowTheirCountyAndTown() {
        Division first = Divisions.edition2023().stream()
                .filter(Division::isVillage)
                .findFirst()
                .orElseThrow();
        assertThat(first.county()).isEqualTo("东城区");
        assertThat(first.town()).isEqualTo("东华门街道");
        assertThat(Committee.fullName(first)).isEqualTo("多福巷社区居民委员会");
        assertThat(Divisions.edition2023().stream().filter(Division::isVillage)).hasSize(6_099);
        assertThat(Divisions.edition2016()).hasSize(5_919);
    }
}
