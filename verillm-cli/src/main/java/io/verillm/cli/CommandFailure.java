package io.verillm.cli;

/** A command cannot go on: what is wrong, and what to do next. Shown without a stack trace. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final String advice;

  CommandFailure(int exitCode, String message, String advice) {
    super(message);
    this.exitCode = exitCode;
    this.advice = advice;
  }

  int exitCode() {
    return exitCode;
  }

  String advice() {
    return advice;
  }
}
