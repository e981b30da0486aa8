package io.verillm.cli.report;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Where a report comes from; the caller supplies the time, so equal input gives an equal file.
 *
 * @param command the command line that wrote it
 * @param versions version by name, shown in name order
 * @param time when it was written, ISO 8601
 */
public record Provenance(String command, Map<String, String> versions, String time) {
  /** Checks the fields and copies the versions. */
  public Provenance {
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(time, "time");
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
  }
}
