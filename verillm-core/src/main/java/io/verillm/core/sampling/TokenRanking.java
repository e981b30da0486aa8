package io.verillm.core.sampling;

/** The best tokens by falling value, ties by rising id. Exact. */
final class TokenRanking {
  private TokenRanking() {}

  /**
   * Returns the ids of the {@code count} best tokens, best first; fewer if fewer are not
   * suppressed.
   */
  static int[] best(double[] values, int count) {
    int[] heap = new int[Math.min(count, values.length)];
    int size = 0;
    for (int id = 0; id < values.length; id++) {
      if (values[id] == ProcessedLogits.SUPPRESSED) {
        continue;
      }
      if (size < heap.length) {
        heap[size] = id;
        siftUp(values, heap, size++);
      } else if (size > 0 && isBetter(values, id, heap[0])) {
        heap[0] = id;
        siftDown(values, heap, size);
      }
    }
    int[] ranked = new int[size];
    while (size > 0) { // the root is the worst that is left
      ranked[size - 1] = heap[0];
      heap[0] = heap[--size];
      siftDown(values, heap, size);
    }
    return ranked;
  }

  private static boolean isBetter(double[] values, int left, int right) {
    return values[left] > values[right] || (values[left] == values[right] && left < right);
  }

  private static void siftUp(double[] values, int[] heap, int from) {
    int at = from;
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!isBetter(values, heap[parent], heap[at])) {
        return;
      }
      swap(heap, at, parent);
      at = parent;
    }
  }

  private static void siftDown(double[] values, int[] heap, int size) {
    int at = 0;
    while (true) {
      int worst = at;
      for (int child = 2 * at + 1; child <= 2 * at + 2 && child < size; child++) {
        if (isBetter(values, heap[worst], heap[child])) {
          worst = child;
        }
      }
      if (worst == at) {
        return;
      }
      swap(heap, at, worst);
      at = worst;
    }
  }

  private static void swap(int[] heap, int left, int right) {
    int id = heap[left];
    heap[left] = heap[right];
    heap[right] = id;
  }
}
