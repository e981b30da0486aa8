package io.verillm.examples.training;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How many bits a byte of text costs under a network.
 *
 * <p>The stream is cut into windows of the context length that do not overlap, so each window
 * starts without memory: slightly pessimistic. Every token but the stream's first is charged, marks
 * included, against all bytes of the text file.
 */
final class LanguageModelEvaluation {

  private LanguageModelEvaluation() {}

  /**
   * Returns bits per byte.
   *
   * @param tokens the text's ids with marks
   * @param textBytes the size of the text they stand for
   */
  static double bitsPerByte(LlamaNetwork network, long[] tokens, long textBytes) {
    int context = network.shape().context();
    double nats = 0;
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int start = 0; start + 1 < tokens.length; start += context) {
        int length = Math.min(context, tokens.length - 1 - start);
        nats += length * meanLoss(network, tokens, start, length);
      }
    }
    return nats / StrictMath.log(2) / textBytes;
  }

  private static double meanLoss(LlamaNetwork network, long[] tokens, int start, int length) {
    long[] inputs = java.util.Arrays.copyOfRange(tokens, start, start + length);
    long[] targets = java.util.Arrays.copyOfRange(tokens, start + 1, start + 1 + length);
    try (PointerScope scope = new PointerScope()) {
      Tensor logits = network.logits(torch.tensor(inputs).view(1, length));
      Tensor wide = logits.view(length, network.shape().vocabulary()).to(ScalarType.Double);
      return torch.cross_entropy_loss(wide, torch.tensor(targets)).item_double();
    }
  }
}
