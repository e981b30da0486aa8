package io.verillm.cli;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.testkit.study.ProverService;
import io.verillm.testkit.study.StudyClass;
import io.verillm.testkit.study.StudyProver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One prover of the study in a process of its own; started by {@code study}. */
@Command(name = "study-prover", hidden = true, description = "serves the study's orders")
final class StudyProverCommand implements Callable<Integer> {
  @Parameters(paramLabel = "KIND", description = "which prover")
  private String kind;

  @Option(names = "--class", required = true)
  private String studied;

  @Option(names = "--model", required = true)
  private Path model;

  @Option(names = "--sibling", required = true)
  private Path sibling;

  @Option(names = "--scratch", required = true)
  private Path scratch;

  @Option(names = "--digest", required = true)
  private String digest;

  @Option(names = "--key-seed", required = true)
  private String keySeed;

  @Option(names = "--beacon", required = true)
  private String beacon;

  @Option(names = "--at-once", required = true)
  private int atOnce;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    try (StudyProver prover =
        StudyProver.open(
            StudyProver.Kind.of(kind), StudyClass.of(studied), model, sibling, scratch)) {
      ProverService.serve(
          prover,
          Digest32.parse(digest),
          SigningKey.fromSeed(HexFormat.of().parseHex(keySeed)),
          VerifyingKey.decode(HexFormat.of().parseHex(beacon)),
          atOnce,
          System.in,
          System.out);
    }
    return ExitCode.ACCEPTED;
  }
}
