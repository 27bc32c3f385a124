package io.yimen.simulators;

/**
 * A row of a register of divisions, as published.
 *
 * @param code 12 digits
 * @param parent code of what it lies in; empty at the top
 * @param name as published
 * @param level province, city, county, town, village
 * @param kind JWH, CWH, SHEQU, CUN for villages of the 2023 edition; otherwise empty
 * @param urbanRural 城乡分类, may be empty
 * @param longitude GCJ-02, may be empty
 * @param latitude GCJ-02, may be empty
 * @param county name of the county it is or lies in; empty above
 * @param town name of the town it is or lies in; empty above
 */
public record Division(
        String code,
        String parent,
        String name,
        String level,
        String kind,
        String urbanRural,
        String longitude,
        String latitude,
        String county,
        String town) {
    public boolean isVillage() {
        return level.equals("village");
    }

    public Division withName(String newName) {
        return new Division(code, parent, newName, level, kind, urbanRural, longitude, latitude, county, town);
    }
}
