package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.incentives.money.Micros;
import io.verillm.network.simulation.Computation;
import io.verillm.network.simulation.MadeUpComputation;
import io.verillm.network.simulation.NetworkReport;
import io.verillm.network.simulation.NetworkReport.KindReport;
import io.verillm.network.simulation.NetworkSimulation;
import io.verillm.network.simulation.NodeKind;
import io.verillm.network.simulation.SimulationSettings;
import io.verillm.network.worker.PoolStudy;
import io.verillm.network.worker.TrafficPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a network of honest and attacking workers on the demo model. */
@Command(
    name = "network",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Runs a network of honest and attacking workers: every job from order to settlement, on the",
      "demo model, every message as bytes. Says who was caught, after how many jobs, at what cost.",
      "Exit code 0 when run and no honest worker was proven guilty, 1 otherwise."
    })
final class SimulateNetworkCommand implements Callable<Integer> {
  private static final int COMMITTEE = 3;
  private static final int SECOND_COMMITTEE = 5;
  private static final double CLIENT_CHECKS = 0.25;
  private static final List<Double> LOADS =
      List.of(0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4);
  private static final List<Double> SHARES = List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8);
  private static final int COALITION_WORKERS = 40;
  private static final int REPLICATIONS = 20;

  /**
   * One share of colluding workers.
   *
   * @param badAccepted share of the coalition's answers that stood
   * @param goodRejected share of the other answers that were rejected
   */
  record CoalitionPoint(double share, double badAccepted, double goodRejected) {}

  /** Everything that was run. */
  record Study(
      NetworkReport network,
      PoolStudy.Offer offer,
      List<PoolStudy.Point> pools,
      List<Distinguishability.Result> classifier,
      List<CoalitionPoint> coalition) {
    Study {
      pools = List.copyOf(pools);
      classifier = List.copyOf(classifier);
      coalition = List.copyOf(coalition);
    }
  }

  @Spec private CommandSpec spec;

  @Option(names = "--workers", defaultValue = "20", description = "at least 9")
  private int workers;

  @Option(names = "--jobs", defaultValue = "200", description = "jobs to play")
  private int jobs;

  @Option(names = "--seed", defaultValue = "1", description = "equal seeds give equal results")
  private long seed;

  @Option(
      names = "--attackers",
      defaultValue = "all",
      paramLabel = "KINDS",
      description =
          "all (one worker of each kind but the coalition), none, or kinds with commas, such as"
              + " quantised,copier; a kind may stand several times")
  private String attackers;

  @Option(names = "--tokens", defaultValue = "12", description = "output tokens per answer")
  private int tokens;

  @Option(
      names = "--items",
      defaultValue = "1000",
      description = "work items of each sort for the classifier; 0 leaves it out")
  private int items;

  @Option(
      names = "--coalition-jobs",
      defaultValue = "100",
      description = "jobs per coalition size, on made-up rows; 0 leaves it out")
  private int coalitionJobs;

  @Option(
      names = "--made-up",
      description = "made-up rows instead of the model: thousands of jobs, messages only")
  private boolean madeUp;

  @Mixin private OutputOption output;
  @Mixin private PageOption page;

  @Override
  public Integer call() throws IOException {
    Study study = madeUp ? study(new MadeUpComputation()) : onModel();
    ObjectNode json = json(study);
    page.write(spec, json, provenance -> NetworkPage.of(study, provenance));
    if (output.json()) {
      output.print(spec, json);
    } else {
      print(study);
      if (json.has("report")) {
        output.say(spec, "Report: " + json.get("report").asText());
      }
    }
    return study.network().provenFalse() == 0 && study.network().conserved()
        ? ExitCode.ACCEPTED
        : ExitCode.REJECTED;
  }

  private Study onModel() throws IOException {
    Path folder = Files.createTempDirectory("verillm-network");
    try (ModelComputation computation = new ModelComputation(folder, tokens)) {
      return study(computation);
    } finally {
      Folders.delete(folder);
    }
  }

  private Study study(Computation computation) {
    SimulationSettings settings =
        new SimulationSettings(
            workers,
            jobs,
            seed,
            kinds(attackers),
            COMMITTEE,
            SECOND_COMMITTEE,
            CLIENT_CHECKS,
            true);
    NetworkReport network;
    try (Progress progress = output.progress(spec, "jobs", jobs)) {
      network = NetworkSimulation.run(settings, computation, done -> progress.step());
    }
    PoolStudy.Offer offer = offer();
    return new Study(
        network,
        offer,
        PoolStudy.sweep(offer, LOADS, REPLICATIONS, seed),
        computation instanceof ModelComputation model ? classifier(model) : List.of(),
        coalition());
  }

  /** Twenty workers, answers that take ten times as long as re-reading them, uneven hours. */
  private PoolStudy.Offer offer() {
    return new PoolStudy.Offer(workers, 10, 1, COMMITTEE, 0.2, 1, 3600, 4);
  }

  private List<Distinguishability.Result> classifier(ModelComputation model) {
    List<Distinguishability.Result> results = new ArrayList<>();
    if (items == 0) {
      return results;
    }
    LoadedModel ordered = model.ordered();
    List<int[]> texts =
        NetworkPrompts.TEXTS.stream().map(text -> ordered.tokenizer().encode(text, false)).toList();
    for (TrafficPolicy policy : TrafficPolicy.values()) {
      try (Progress progress = output.progress(spec, "items, " + label(policy), 5L * items)) {
        results.add(
            Distinguishability.measure(
                policy,
                ordered.executor(),
                texts,
                ordered.tokenizer().promptPrefix(),
                items,
                seed,
                progress::stepTo));
      }
    }
    return results;
  }

  private List<CoalitionPoint> coalition() {
    List<CoalitionPoint> points = new ArrayList<>();
    if (coalitionJobs == 0) {
      return points;
    }
    try (Progress progress = output.progress(spec, "coalitions", SHARES.size())) {
      for (double share : SHARES) {
        int members = (int) Math.round(share * COALITION_WORKERS);
        NetworkReport report =
            NetworkSimulation.run(
                new SimulationSettings(
                    COALITION_WORKERS,
                    coalitionJobs,
                    seed,
                    Collections.nCopies(members, NodeKind.COLLUDING),
                    COMMITTEE,
                    SECOND_COMMITTEE,
                    CLIENT_CHECKS,
                    false),
                new MadeUpComputation(),
                done -> {});
        int bad = answers(report, NodeKind.COLLUDING);
        points.add(
            new CoalitionPoint(
                share,
                report.badAccepted() / (double) Math.max(1, bad),
                report.goodRejected() / (double) Math.max(1, coalitionJobs - bad)));
        progress.step();
      }
    }
    return points;
  }

  private static int answers(NetworkReport report, NodeKind kind) {
    return report.kinds().stream()
        .filter(one -> one.kind() == kind)
        .mapToInt(KindReport::answers)
        .sum();
  }

  /** Reads the attackers that a user asked for. */
  static List<NodeKind> kinds(String text) {
    if (text.equals("none")) {
      return List.of();
    }
    List<NodeKind> deviating =
        Arrays.stream(NodeKind.values()).filter(kind -> kind != NodeKind.HONEST).toList();
    if (text.equals("all")) {
      return deviating.stream().filter(kind -> kind != NodeKind.COLLUDING).toList();
    }
    List<NodeKind> named = new ArrayList<>();
    for (String name : text.split(",", -1)) {
      named.add(
          deviating.stream()
              .filter(kind -> kind.label().equals(name.trim().toLowerCase(Locale.ROOT)))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "no attacker "
                              + name
                              + "; there are all, none, "
                              + deviating.stream()
                                  .map(NodeKind::label)
                                  .collect(Collectors.joining(", ")))));
    }
    return named;
  }

  static String label(TrafficPolicy policy) {
    return policy.name().toLowerCase(Locale.ROOT);
  }

  static String caught(KindReport kind) {
    if (kind.kind() == NodeKind.HONEST) {
      return kind.proven() == 0 ? "-" : "PROVEN";
    }
    if (kind.proven() > 0) {
      return "proven: "
          + Arrays.stream(kind.provenBy().split(", "))
              .map(SimulateNetworkCommand::words)
              .collect(Collectors.joining(", "));
    }
    if (kind.lostToEvidence().isPositive()) {
      return "slashed: evidence, computed again";
    }
    if (kind.silences() > 0) {
      return "paid for silence";
    }
    return kind.flagged() > 0 ? "flagged" : "not caught";
  }

  /** Money in units with two decimals; never a negative zero. */
  static String units(Micros amount) {
    return String.format(Locale.ROOT, "%.2f", Math.round(amount.value() / 1e4) / 100.0 + 0.0);
  }

  /** Never is no number of jobs. */
  private static @Nullable Double orNull(double jobs) {
    return jobs == 0 ? null : jobs;
  }

  private static String words(String proof) {
    return switch (proof) {
      case "STEP_WRONG" -> "one step computed again";
      case "STEP_RIGHT" -> "claimed that a right step is wrong";
      case "EQUIVOCATION" -> "signed two messages that exclude each other";
      case "REVEAL_DIFFERS" -> "reveal differs from commitment";
      case "BAD_OPENING" -> "rows do not lead to its own head";
      case "ORDER_MISMATCH" -> "receipt contradicts the order";
      default -> proof;
    };
  }

  static String count(double jobs) {
    return jobs == 0 ? "-" : String.format(Locale.ROOT, "%.1f", jobs);
  }

  private void print(Study study) {
    NetworkReport network = study.network();
    String format = "%-15s %5s %6s %9s %9s %9s %9s %9s  %s";
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            format,
            "kind",
            "nodes",
            "jobs",
            "to flag",
            "to proof",
            "earned",
            "stake",
            "net",
            "caught"));
    for (KindReport kind : network.kinds()) {
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              format,
              kind.kind().label(),
              kind.nodes(),
              kind.jobs(),
              count(kind.untilFlagged()),
              count(kind.untilProven()),
              units(kind.gained()),
              units(kind.stakeLost().negate()),
              units(kind.net()),
              caught(kind)));
    }
    output.say(spec, sentence(network));
    output.say(spec, settled(network));
    output.say(spec, cost(network));
    for (Distinguishability.Result result : study.classifier()) {
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              "boosted trees tell verification from ordinary work, %s policy: AUC %.3f"
                  + " (95 %%: %.3f to %.3f), %d items a class",
              label(result.policy()),
              result.auc(),
              result.low(),
              result.high(),
              result.perClass()));
    }
    output.say(spec, pools(study));
  }

  static String sentence(NetworkReport network) {
    return network.jobs()
        + " jobs: "
        + network.accepted()
        + " accepted, "
        + network.rejected()
        + " rejected, "
        + network.undecided()
        + " undecided, "
        + network.silent()
        + " silent; honest workers proven guilty: "
        + network.provenFalse()
        + "; honest answers rejected: "
        + network.goodRejected()
        + "; deviating answers that stood: "
        + network.badAccepted();
  }

  static String settled(NetworkReport network) {
    int silences = network.kinds().stream().mapToInt(KindReport::silences).sum();
    return network.epochs()
        + " epochs closed: "
        + silences
        + " silences priced, "
        + network.reexecutions()
        + " receipts computed again by drawn owners; honest workers that lost stake: "
        + network.honestSlashed();
  }

  static String cost(NetworkReport network) {
    return String.format(
        Locale.ROOT,
        "cost: %,d messages, %,d bytes, %,d tokens re-read for %,d answered, %d disputes in %d"
            + " messages",
        network.messages(),
        network.bytes(),
        network.examinedTokens(),
        network.answeredTokens(),
        network.disputes(),
        network.disputeMessages());
  }

  static String pools(Study study) {
    Function<Boolean, PoolStudy.Point> full =
        shared ->
            study.pools().stream()
                .filter(point -> point.load() == 1.0 && point.shared() == shared)
                .findFirst()
                .orElseThrow();
    return String.format(
        Locale.ROOT,
        "at full load one pool is busy %.1f %% of the time and finishes %.1f %% of what could be"
            + " done; two dedicated pools %.1f %% and %.1f %%",
        100 * full.apply(true).utilisation().mean(),
        100 * full.apply(true).throughput().mean(),
        100 * full.apply(false).utilisation().mean(),
        100 * full.apply(false).throughput().mean());
  }

  private ObjectNode json(Study study) {
    NetworkReport network = study.network();
    ObjectNode root = Json.object();
    root.put("workers", workers).put("jobs", jobs).put("seed", seed);
    root.put("rows", madeUp ? "made-up" : "model");
    ArrayNode kinds = root.putArray("kinds");
    for (KindReport kind : network.kinds()) {
      kinds
          .addObject()
          .put("kind", kind.kind().label())
          .put("description", kind.kind().description())
          .put("nodes", kind.nodes())
          .put("jobs", kind.jobs())
          .put("flaggedNodes", kind.flagged())
          .put("timesFlagged", kind.timesFlagged())
          .put("jobsUntilFlagged", orNull(kind.untilFlagged()))
          .put("provenNodes", kind.proven())
          .put("jobsUntilProven", orNull(kind.untilProven()))
          .put("provenBy", kind.provenBy())
          .put("gainedMicros", kind.gained().value())
          .put("silences", kind.silences())
          .put("lostToSilenceMicros", kind.lostToSilence().value())
          .put("lostToEvidenceMicros", kind.lostToEvidence().value())
          .put("lostToProofsMicros", kind.lostToProofs().value())
          .put("stakeLostMicros", kind.stakeLost().value())
          .put("netMicros", kind.net().value());
    }
    ObjectNode outcomes = root.putObject("outcomes");
    outcomes.put("accepted", network.accepted()).put("rejected", network.rejected());
    outcomes.put("undecided", network.undecided()).put("silent", network.silent());
    ObjectNode wrong = root.putObject("falseAccusations");
    wrong.put("proven", network.provenFalse()).put("honestAnswersRejected", network.goodRejected());
    wrong.put("honestSlashed", network.honestSlashed());
    root.put("deviatingAnswersAccepted", network.badAccepted());
    ObjectNode cost = root.putObject("cost");
    cost.put("messages", network.messages()).put("bytes", network.bytes());
    cost.put("tokensAnswered", network.answeredTokens());
    cost.put("tokensReRead", network.examinedTokens());
    cost.put("disputes", network.disputes()).put("disputeMessages", network.disputeMessages());
    ObjectNode evidence = root.putObject("evidence");
    evidence.put("epochs", network.epochs()).put("reexecutions", network.reexecutions());
    root.put("moneyConserved", network.conserved());
    ArrayNode pools = root.putArray("utilisation");
    for (PoolStudy.Point point : study.pools()) {
      ObjectNode one = pools.addObject().put("load", point.load());
      one.put("pools", point.shared() ? "shared" : "dedicated");
      figure(one.putObject("utilisation"), point.utilisation());
      figure(one.putObject("throughput"), point.throughput());
      figure(one.putObject("latencySeconds"), point.latency());
    }
    ObjectNode classifier = root.putObject("classifier");
    for (Distinguishability.Result result : study.classifier()) {
      classifier
          .putObject(label(result.policy()))
          .put("itemsPerClass", result.perClass())
          .put("auc", result.auc())
          .put("low", result.low())
          .put("high", result.high());
    }
    ArrayNode coalition = root.putArray("coalition");
    for (CoalitionPoint point : study.coalition()) {
      coalition
          .addObject()
          .put("share", point.share())
          .put("deviatingAccepted", point.badAccepted())
          .put("honestRejected", point.goodRejected());
    }
    return root;
  }

  private static void figure(ObjectNode node, PoolStudy.Figure figure) {
    node.put("mean", figure.mean()).put("standardError", figure.standardError());
  }
}
