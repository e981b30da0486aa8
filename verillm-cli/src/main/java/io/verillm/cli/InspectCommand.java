package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.VoidReceipt;
import io.verillm.core.trace.HeadChain;
import io.verillm.core.trace.OpenedPosition;
import io.verillm.core.trace.TraceFile;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.VerdictMessage;
import io.verillm.core.verdict.VerdictView;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.Prover;
import io.verillm.stats.calibration.CalibrationProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a file holds. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Shows a signed message, a trace or a chain of heads as JSON. The view is never signed.")
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "a .cose message, a .vtrace trace, or heads.cbor")
  private Path file;

  @Option(
      names = "--network",
      defaultValue = "demo",
      description = "network id that the signature is checked for; default demo")
  private String network;

  @Mixin private OutputOption output;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    if (!Files.isRegularFile(file)) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "there is no file " + file,
          "give a .cose or .vtrace file, or heads.cbor");
    }
    ObjectNode view;
    if (file.endsWith(Prover.HEADS_FILE)) {
      view = heads(HeadChain.decode(Files.readAllBytes(file)));
    } else if (file.toString().endsWith(".vtrace")) {
      view = trace();
    } else {
      view = message(SignedMessage.decode(Files.readAllBytes(file)));
    }
    if (output.json()) {
      output.print(spec, view);
    } else {
      output.say(spec, view.toPrettyString());
    }
    return ExitCode.ACCEPTED;
  }

  private ObjectNode trace() throws IOException, MalformedMessageException {
    TraceFile trace = TraceFile.open(file);
    ObjectNode view = Json.object();
    view.put("type", "TRACE");
    view.put("traceId", trace.id().digest().toString());
    view.put("positions", trace.positions());
    view.put("rowsPerToken", trace.layout().rows().size());
    view.put("bytesPerToken", trace.layout().bytesPerToken());
    view.put("leavesPerToken", trace.layout().leavesPerToken());
    view.put("root", trace.head().root().toString());
    return view;
  }

  /** Says whether the heads lead to the receipt beside them, if there is one. */
  private ObjectNode heads(HeadChain chain) throws IOException, MalformedMessageException {
    ObjectNode view = Json.object();
    view.put("type", "HEAD_CHAIN");
    ArrayNode list = view.putArray("heads");
    for (HeadChain.Link link : chain.links()) {
      TraceHead head = TraceHead.Payload.decode(link.head().payload()).head();
      list.addObject().put("leaves", head.leafCount()).put("root", head.root().toString());
    }
    Path beside = file.resolveSibling(Submission.RECEIPT_FILE);
    if (!Files.isRegularFile(beside)) {
      view.put("leadsToReceipt", "no " + Submission.RECEIPT_FILE + " beside it");
      return view;
    }
    SignedMessage signed = SignedMessage.decode(Files.readAllBytes(beside));
    Receipt receipt = Receipt.decode(signed.payload());
    TraceId id =
        TraceId.compute(
            receipt.order(), signed.signer().toByteArray(), TraceRole.PROVER, receipt.profile());
    view.put("leadsToReceipt", chain.check(id, signed.signer(), network, receipt.head()).name());
    return view;
  }

  private ObjectNode message(SignedMessage message) throws MalformedMessageException {
    ObjectNode view = Json.object();
    view.put("type", message.type().name());
    view.put("id", message.id().toString());
    view.put("signer", HexFormat.of().formatHex(message.signer().toByteArray()));
    view.put("network", network);
    view.put("signatureHolds", message.verify(network));
    switch (message.type()) {
      case ORDER -> order(view, JobOrder.decode(message.payload()));
      case RECEIPT -> receipt(view, Receipt.decode(message.payload()));
      case VOID -> position(view, VoidReceipt.decode(message.payload()).position());
      case ACK -> {
        ReceiptAck ack = ReceiptAck.decode(message.payload());
        view.put("receipt", ack.receipt().toString());
        view.put("roundSeen", ack.roundSeen());
        view.put("challengeRound", ack.challengeRound());
      }
      case CHALLENGE -> {
        Challenge challenge = Challenge.decode(message.payload());
        view.put("receipt", challenge.receipt().toString());
        view.put("round", challenge.randomness().round());
        view.put("positions", challenge.plan().positions());
        view.put("layersPerPosition", challenge.plan().layersPerPosition());
      }
      case VERDICT -> view.setAll(VerdictView.of(VerdictMessage.decode(message.payload())));
      case CALIBRATION -> view.setAll(ProfileView.of(CalibrationProfile.decode(message.payload())));
      case CACHE_CALIBRATION ->
          view.setAll(CellCalibration.view(CacheCalibration.decode(message.payload())));
      case SKETCHES -> {
        Sketches sketches = Sketches.decode(message.payload());
        view.put("challenge", sketches.challenge().toString());
        view.put("rows", sketches.rows());
        view.put("valuesPerRow", sketches.outputs());
      }
      case SPOT_CHALLENGE -> {
        SpotChallenge second = SpotChallenge.decode(message.payload());
        view.put("sketches", second.sketches().toString());
        view.put("ack", second.ack().toString());
        view.put("round", second.randomness().round());
        view.put("spots", second.spots());
      }
      case OPENING -> opening(view, Opening.decode(message.payload()));
      default -> view.put("payloadBytes", message.payload().length);
    }
    return view;
  }

  private static void order(ObjectNode view, JobOrder order) {
    view.put("node", HexFormat.of().formatHex(order.node().toByteArray()));
    view.put("model", order.model().toString());
    view.put("promptTokens", order.prompt().size());
    view.put("maxTokens", order.sampling().maxTokens());
    view.put("temperatureMicros", order.sampling().temperatureMicros());
    view.put("topK", order.sampling().topK());
    view.put("topPMicros", order.sampling().topPMicros());
    view.put("profile", order.profile().toString());
    view.put("evidence", order.evidence().name());
    view.put("deadlineMillis", order.deadlineMillis());
  }

  private static void receipt(ObjectNode view, Receipt receipt) {
    view.put("order", receipt.order().toString());
    view.put("model", receipt.model().toString());
    view.put("class", receipt.executionClass().toString());
    view.put("promptTokens", receipt.promptTokens());
    view.put("outputTokens", receipt.outputTokens());
    view.put("finish", receipt.finish().name());
    view.put("traceRoot", receipt.head().root().toString());
    view.put("traceLeaves", receipt.head().leafCount());
    position(view, receipt.position());
  }

  private static void position(ObjectNode view, ChainPosition position) {
    view.put("epoch", position.epoch());
    view.put("sequence", position.sequence());
    view.put("previous", position.previous().toString());
  }

  private static void opening(ObjectNode view, Opening opening) {
    view.put("receipt", opening.receipt().toString());
    view.put("challenge", opening.challenge().toString());
    view.put("outputTokens", opening.answer().output().size());
    ArrayNode positions = view.putArray("positions");
    for (OpenedPosition position : opening.trace().positions()) {
      positions
          .addObject()
          .put("position", position.entry().position())
          .put("token", position.entry().tokenId())
          .put("rows", position.rows().size());
    }
  }
}
