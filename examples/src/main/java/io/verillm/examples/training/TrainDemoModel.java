package io.verillm.examples.training;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Command line of the training program; without arguments it lists its commands. */
public final class TrainDemoModel {

  private static final String USAGE =
      """
      text READER_OUTPUT FOLDER                   split the book, write the two packed texts
      tokenizer FOLDER                            train the tokenizer
      train main|sibling FOLDER [STEPS]           train a model, or only the first steps
      evaluate FOLDER                             bits per byte of a model
      baselines                                   bits per byte of gzip, xz and byte n-grams
      sample FOLDER TEMPERATURE SEED [PROMPT]     continue a prompt""";

  private static final int USAGE_EXIT = 3;
  private static final int EVALUATE_EVERY = 500;
  private static final int SAMPLE_TOKENS = 200;

  private TrainDemoModel() {}

  /**
   * Runs one command. Exits with 3 if the arguments are not those of a command.
   *
   * @param args command and its arguments
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    String command = args.length == 0 ? "" : args[0];
    switch (command + " " + (args.length - 1)) {
      case "text 2" -> text(Path.of(args[1]), Path.of(args[2]));
      case "tokenizer 1" -> tokenizer(Path.of(args[1]), TrainingPlan.main().shape());
      case "train 2" -> train(TrainingPlan.named(args[1]), Path.of(args[2]), Integer.MAX_VALUE);
      case "train 3" ->
          train(TrainingPlan.named(args[1]), Path.of(args[2]), Integer.parseInt(args[3]));
      case "evaluate 1" -> evaluate(Path.of(args[1]));
      case "baselines 0" -> baselines();
      case "sample 3" ->
          sample(Path.of(args[1]), Double.parseDouble(args[2]), Long.parseLong(args[3]), "");
      case "sample 4" ->
          sample(Path.of(args[1]), Double.parseDouble(args[2]), Long.parseLong(args[3]), args[4]);
      default -> {
        System.err.println(USAGE);
        System.exit(USAGE_EXIT);
      }
    }
  }

  private static void text(Path readerOutput, Path folder) throws IOException {
    KjvText text = KjvText.fromReaderOutput(Files.readString(readerOutput, US_ASCII));
    Files.createDirectories(folder);
    pack(folder.resolve(KjvText.TRAINING_RESOURCE), text.training());
    pack(folder.resolve(KjvText.HELD_OUT_RESOURCE), text.heldOut());
  }

  private static void pack(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(US_ASCII);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(bytes);
    }
    System.out.printf(
        "%s: %d chapters, %d bytes, SHA-256 %s%n",
        file.getFileName(), KjvText.chapters(text).size(), bytes.length, Hashes.sha256(bytes));
  }

  private static void tokenizer(Path folder, ModelShape shape) throws IOException {
    List<String> chapters = KjvText.chapters(KjvText.load().training());
    List<BpeTrainer.Merge> merges =
        BpeTrainer.train(chapters, shape.vocabulary() - TokenizerExport.BASE_SIZE);
    Files.createDirectories(folder);
    TokenizerExport.write(folder, merges, shape.context());
  }

  private static void train(TrainingPlan plan, Path folder, int lastStep) throws IOException {
    PinnedNumerics.require();
    tokenizer(folder, plan.shape());
    KjvText text = KjvText.load();
    long[] training;
    long[] heldOut;
    try (TokenStream stream = TokenStream.open(folder)) {
      training = stream.encodeDocuments(KjvText.chapters(text.training()));
      heldOut = stream.encodeDocuments(KjvText.chapters(text.heldOut()));
    }
    System.out.printf(
        "%s: %d parameters, %d training tokens, %d held-out tokens%n",
        plan.name(), plan.shape().parameters(), training.length, heldOut.length);
    plan.shape().write(folder);
    LlamaTrainer trainer = new LlamaTrainer(plan, training);
    LlamaNetwork network =
        trainer.train(
            lastStep,
            (step, now) -> {
              if (step % EVALUATE_EVERY == 0) {
                report(step, now, heldOut, text.heldOut().length());
              }
            });
    Path file = network.save(folder);
    System.out.println(file.getFileName() + " SHA-256 " + Hashes.sha256(Files.readAllBytes(file)));
  }

  private static void report(int step, LlamaNetwork network, long[] heldOut, int bytes) {
    double bits = LanguageModelEvaluation.bitsPerByte(network, heldOut, bytes);
    System.out.printf(Locale.ROOT, "step %d: held out %.4f bits per byte%n", step, bits);
  }

  private static void evaluate(Path folder) throws IOException {
    PinnedNumerics.require();
    KjvText text = KjvText.load();
    LlamaNetwork network = LlamaNetwork.load(folder);
    List<String> heldOut = KjvText.chapters(text.heldOut());
    // As many chapters that the model has seen: the gap shows how far it learnt by heart.
    List<String> seen = KjvText.chapters(text.training()).subList(0, heldOut.size());
    try (TokenStream stream = TokenStream.open(folder)) {
      print("held out", bitsPerByte(network, stream, heldOut));
      print("first training chapters", bitsPerByte(network, stream, seen));
    }
  }

  private static double bitsPerByte(
      LlamaNetwork network, TokenStream stream, List<String> chapters) {
    // What stands for a chapter's end in the file: two line feeds, one after the last chapter.
    int bytes = chapters.stream().mapToInt(chapter -> chapter.length() + 2).sum() - 1;
    return LanguageModelEvaluation.bitsPerByte(network, stream.encodeDocuments(chapters), bytes);
  }

  private static void baselines() throws IOException {
    KjvText text = KjvText.load();
    byte[] training = text.training().getBytes(US_ASCII);
    byte[] heldOut = text.heldOut().getBytes(US_ASCII);
    print("gzip -9", CompressionBaselines.gzip(heldOut));
    print("gzip -9, primed", CompressionBaselines.gzipPrimed(training, heldOut));
    print("xz -9", CompressionBaselines.xz(heldOut));
    print("xz -9, primed", CompressionBaselines.xzPrimed(training, heldOut));
    for (int order : new int[] {3, 5}) {
      WittenBellByteModel model = new WittenBellByteModel(order, training);
      print("order-" + order + " bytes", model.bitsPerByte(heldOut));
    }
  }

  private static void print(String name, double bitsPerByte) {
    System.out.printf(Locale.ROOT, "%-24s %.4f bits per byte%n", name, bitsPerByte);
  }

  private static void sample(Path folder, double temperature, long seed, String prompt)
      throws IOException {
    PinnedNumerics.require();
    LlamaNetwork network = LlamaNetwork.load(folder);
    try (TokenStream stream = TokenStream.open(folder)) {
      long[] text = stream.encode(prompt);
      long[] ids = new long[text.length + 1];
      ids[0] = TokenizerExport.BEGIN_ID;
      System.arraycopy(text, 0, ids, 1, text.length);
      long[] whole = TextSampler.continuation(network, ids, SAMPLE_TOKENS, temperature, seed);
      System.out.println(stream.decode(whole));
    }
  }
}
