package io.verillm.cli;

import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code verillm} command. */
@Command(
    name = "verillm",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    description = "Tells whether an LLM answer was computed by what was ordered.",
    subcommands = {
      DoctorCommand.class,
      DemoCommand.class,
      ProveCommand.class,
      ChallengeCommand.class,
      OpenCommand.class,
      VerifyCommand.class,
      CommitCommand.class,
      TamperCommand.class,
      InspectCommand.class,
      BenchCommand.class,
      TestCommand.class,
      PayoffCommand.class,
      SimulateCommand.class,
      CalibrateCommand.class,
      StudyCommand.class,
      StudyProverCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 accepted or done, 1 rejected, 2 inconclusive or abstained,",
      "            3 wrong usage, 4 a file, a model or the machine is not as needed."
    })
public final class Verillm {
  @Option(
      names = "--stacktrace",
      description = "show where an error came from",
      scope = ScopeType.INHERIT)
  private boolean stacktrace;

  private static final String NATIVE_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes";

  private Verillm() {}

  /** Runs the command and exits. */
  public static void main(String[] arguments) {
    // JavaCPP would ask the system for this process's size at every native object, a tenth of a
    // decode step; libtorch's executor releases what it makes and checks for room itself.
    if (System.getProperty(NATIVE_LIMIT) == null) {
      System.setProperty(NATIVE_LIMIT, "0");
    }
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    Verillm top = new Verillm();
    CommandLine line = new CommandLine(top).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((failure, command, parsed) -> top.explain(failure, command));
    line.setParameterExceptionHandler(
        (failure, ignored) -> {
          PrintWriter err = failure.getCommandLine().getErr();
          err.println("verillm: " + failure.getMessage());
          err.println(
              "  next: " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
          return ExitCode.USAGE;
        });
    return line;
  }

  private int explain(Exception failure, CommandLine command) {
    PrintWriter err = command.getErr();
    if (stacktrace) {
      failure.printStackTrace(err);
    }
    if (failure instanceof CommandFailure known) {
      err.println("verillm: " + known.getMessage());
      err.println("  next: " + known.advice());
      return known.exitCode();
    }
    if (failure instanceof NoSuchFileException missing) {
      err.println("verillm: there is no file " + missing.getFile());
      err.println("  next: the verb before this one writes it: prove, challenge, open, verify");
      return ExitCode.ENVIRONMENT;
    }
    if (failure instanceof MalformedMessageException || failure instanceof IOException) {
      err.println("verillm: " + failure.getMessage());
      err.println("  next: check that the file is complete; verillm inspect FILE shows what it is");
      return ExitCode.ENVIRONMENT;
    }
    if (failure instanceof IllegalArgumentException) {
      err.println("verillm: " + failure.getMessage());
      err.println("  next: " + command.getCommandSpec().qualifiedName() + " --help");
      return ExitCode.USAGE;
    }
    err.println("verillm: " + failure);
    err.println("  next: run again with --stacktrace and report what it shows");
    return ExitCode.ENVIRONMENT;
  }
}
