package io.verillm.network.committee;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.challenge.DrawStream;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The stakes of an epoch, and the draw of committees from them. Immutable.
 *
 * <p>The draw is public: its seed is the output of a verifiable random function (a beacon's
 * signature or an ECVRF output) bound to the job, so that anyone can repeat it from the table and
 * nobody could foresee it. A private lottery in which every staker evaluates its own key hides the
 * members longer, but gives committees of random size; the lemmas want a fixed odd one.
 *
 * <p>Exact: integers only, no order of threads, no floating point.
 */
public final class StakeTable {
  /** Most stakers: with the largest stake each, the sum still fits 63 bits. */
  public static final int MAX_STAKERS = 1 << 20;

  private static final byte[] TAG = "verillm/stakes/v1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DRAW_TAG = "verillm/committee/v1".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] ASSIGN_TAG =
      "verillm/assignment/v1".getBytes(StandardCharsets.US_ASCII);

  private final List<Staker> stakers; // by owner, then by key
  private final long[] before; // sum of the stakes before each, and the total at the end
  private final Map<VerifyingKey, Staker> byKey = new HashMap<>();
  private final Map<String, int[]> rangeOf = new HashMap<>(); // first and one past the last
  private final Digest32 digest;

  private StakeTable(List<Staker> sorted) {
    this.stakers = List.copyOf(sorted);
    this.before = new long[stakers.size() + 1];
    CborWriter out = new CborWriter().array(stakers.size());
    for (int i = 0; i < stakers.size(); i++) {
      Staker staker = stakers.get(i);
      if (byKey.put(staker.key(), staker) != null) {
        throw new IllegalArgumentException("key " + staker.key().shortHex() + " stakes twice");
      }
      before[i + 1] = Math.addExact(before[i], staker.stake().value());
      rangeOf.computeIfAbsent(staker.owner(), owner -> new int[2])[1] = i + 1;
      out.array(3).bytes(staker.key().toByteArray()).text(staker.owner());
      out.unsigned(staker.stake().value());
    }
    for (int i = stakers.size() - 1; i >= 0; i--) {
      int[] range = rangeOf.get(stakers.get(i).owner());
      if (range != null) {
        range[0] = i;
      }
    }
    this.digest = Digest32.sha256(TAG, out.toByteArray());
  }

  /**
   * Makes a table; the order given does not matter.
   *
   * @throws IllegalArgumentException if a key stands twice, there are more than {@value
   *     #MAX_STAKERS}, or the sum overflows
   */
  public static StakeTable of(List<Staker> stakers) {
    if (stakers.size() > MAX_STAKERS) {
      throw new IllegalArgumentException(stakers.size() + " stakers are more than " + MAX_STAKERS);
    }
    List<Staker> sorted = new ArrayList<>(stakers);
    sorted.sort(
        Comparator.comparing(Staker::owner)
            .thenComparing(staker -> Digest32.copyOf(staker.key().toByteArray())));
    return new StakeTable(sorted);
  }

  /** SHA-256 over all entries, which job terms name. */
  public Digest32 digest() {
    return digest;
  }

  /** All stakers, by owner and key. */
  public List<Staker> stakers() {
    return stakers;
  }

  /** Number of different owners. */
  public int owners() {
    return rangeOf.size();
  }

  /** The staker with a key. */
  public Optional<Staker> find(VerifyingKey key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /**
   * The seed of one committee: SHA-256(tag ‖ randomness ‖ job ‖ round u32 ‖ table digest).
   *
   * @param randomness the checked value of the round that decides
   */
  public Digest32 seed(Digest32 randomness, Digest32 job, int round) {
    return Digest32.sha256(
        DRAW_TAG,
        randomness.toByteArray(),
        job.toByteArray(),
        java.nio.ByteBuffer.allocate(4).putInt(round).array(),
        digest.toByteArray());
  }

  /**
   * Draws who answers a request, with probability proportional to its stake.
   *
   * @param randomness the checked value of a round that nobody knew when the request was made, such
   *     as {@code VrfRandomness} or {@code VrfWithBeacon} gives
   * @param request digest that names the request; the order, which names the node, comes after
   * @param excluded owners that may not answer: the client's
   */
  @CheckReturnValue
  public Seat assign(Digest32 randomness, Digest32 request, Set<String> excluded) {
    Digest32 seed =
        Digest32.sha256(
            ASSIGN_TAG, randomness.toByteArray(), request.toByteArray(), digest.toByteArray());
    return draw(seed, 1, excluded).get(0);
  }

  /**
   * Draws a committee without replacement: each seat goes to a node with probability proportional
   * to its stake among the owners that have no seat yet.
   *
   * @param excluded owners that may not sit: the prover's, the client's, those of an earlier round
   * @return the seats in drawing order
   * @throws IllegalArgumentException if there are fewer other owners than seats
   */
  @CheckReturnValue
  public List<Seat> draw(Digest32 seed, int size, Set<String> excluded) {
    TreeMap<Integer, Integer> gone = new TreeMap<>(); // owners' ranges of indices, disjoint
    long left = before[stakers.size()];
    int owners = rangeOf.size();
    for (String owner : excluded) {
      int[] range = rangeOf.get(owner);
      if (range != null) {
        gone.put(range[0], range[1]);
        left -= before[range[1]] - before[range[0]];
        owners--;
      }
    }
    if (size < 0 || owners < size) {
      throw new IllegalArgumentException(size + " seats, but only " + owners + " owners to draw");
    }
    DrawStream stream = new DrawStream(seed);
    List<Seat> seats = new ArrayList<>(size);
    while (seats.size() < size) {
      long point = stream.nextBelow(left);
      // The stakes of owners that are gone are skipped: ranges ascend, so one pass is enough.
      for (Map.Entry<Integer, Integer> range : gone.entrySet()) {
        if (point < before[range.getKey()]) {
          break;
        }
        point += before[range.getValue()] - before[range.getKey()];
      }
      Staker drawn = stakers.get(indexOf(point));
      int[] range = rangeOf.get(drawn.owner());
      if (range == null) {
        throw new IllegalStateException("an owner without a range");
      }
      gone.put(range[0], range[1]);
      left -= before[range[1]] - before[range[0]];
      seats.add(new Seat(drawn.key(), drawn.owner()));
    }
    return List.copyOf(seats);
  }

  /** The staker whose stake covers a point of the line. */
  private int indexOf(long point) {
    int low = 0;
    int high = stakers.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (before[middle] <= point) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
