package io.verillm.exec.cost;

import io.verillm.exec.LlamaConfig;

/**
 * What one request costs prover and verifier. Times are medians, in seconds.
 *
 * @param decodeSeconds the prover's decode steps of one request: those of its batch over the batch
 * @param serialSeconds the same with every row hashed on the engine's thread
 * @param overlappedSeconds the same with rows hashed by another thread
 * @param serialShare part of the decode time that the engine's thread spends in the recorder
 * @param overlappedShare the same while another thread hashes
 * @param prefillSeconds the verifier's prefill alone, rows captured, logits of every answer token
 * @param verifySeconds the whole verification, from bytes to verdict
 * @param halfLayersSeconds a prefill of the lower half of the layers without logits: what layer
 *     sampling would cost, which drops the token check
 * @param receiptBytes signed receipt
 * @param openingBytes signed opening
 */
public record RequestCost(
    RequestShape shape,
    double decodeSeconds,
    double serialSeconds,
    double overlappedSeconds,
    double serialShare,
    double overlappedShare,
    double prefillSeconds,
    double verifySeconds,
    double halfLayersSeconds,
    int receiptBytes,
    int openingBytes) {

  /** Verifying over generating. */
  public double ratio() {
    return verifySeconds / decodeSeconds;
  }

  /**
   * What the ratio should be if decoding is bound by reading the weights and prefilling by
   * products: {@code B · (n / n_out) · (2 / bytes per weight) · (BW / F)}.
   */
  public double law(MachineRates rates, double bytesPerWeight) {
    return shape.batch()
        * ((double) shape.fed() / shape.answer())
        * (2 / bytesPerWeight)
        * (rates.readBytesPerSecond() / rates.productFlops());
  }

  /**
   * How near decoding comes to the floor that memory sets: the time that reading the weights once
   * takes, over the time of a decode step. Reading the cache is not counted.
   *
   * @param weightBytes bytes of the weights that a step reads
   */
  public double decodeShareOfReadRate(MachineRates rates, double weightBytes) {
    double stepSeconds = decodeSeconds * shape.batch() / shape.answer();
    return weightBytes / rates.readBytesPerSecond() / stepSeconds;
  }

  /**
   * The rate of the prefill's products with weights, over what large products reach. Attention is
   * not counted.
   */
  public double prefillShareOfProductRate(MachineRates rates, LlamaConfig config) {
    double products =
        (double) config.blockWeights() * shape.fed()
            + (double) config.headWeights() * shape.answer();
    return 2 * products / prefillSeconds / rates.productFlops();
  }

  /** Share of answers to verify so that verifying costs one per cent of generating; at most 1. */
  public double shareForOnePercent() {
    return Math.min(1, 0.01 / ratio());
  }
}
