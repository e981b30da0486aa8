package io.verillm.cli;

import picocli.CommandLine.Command;

/** Simulations of what a network of provers does; each is a verb of its own. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = "Simulates a network of provers; the same seed gives the same figures.",
    subcommands = {
      SimulateCdvCommand.class,
      SimulateIncentivesCommand.class,
      SimulateNetworkCommand.class
    })
final class SimulateCommand {
  SimulateCommand() {}
}
