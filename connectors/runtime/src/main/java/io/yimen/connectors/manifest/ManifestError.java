package io.yimen.connectors.manifest;

/**
 * One thing that is wrong with a manifest.
 *
 * @param file as the reader names it
 * @param line first line is 1; 0 where the file as a whole is meant
 * @param path where in the document, e.g. {@code streams[0].fields.name.as}; empty for the document
 * @param message what is wrong and what to do
 */
public record ManifestError(String file, int line, String path, String message) {
    /** {@code file:line: path: message}, as tools that jump to errors expect it. */
    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
