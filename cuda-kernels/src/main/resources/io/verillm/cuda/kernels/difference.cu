// How two runs of the same rows differ, in integers: io.verillm.core.tensor.RowDifference. Sums
// are exact, so their order does not matter and atomics are allowed.
#include "types.cuh"

#define THREADS 256
#define BUCKETS 33
#define UNEQUAL 33
#define SIGNS 34
#define EXPONENTS 35
#define NON_FINITE 36
#define COUNTERS 37

// A part of one segment: whole rows, or groups of 16 bytes of one row. As
// io.verillm.cuda.DifferenceTasks writes it.
struct DifferenceTask {
  u32 segment;
  u32 first_row;
  u32 first_group;    // of each of the rows
  u32 groups_per_row; // of the task, not of the rows
  u32 groups;         // rows of the task times groups_per_row
};

// Up to 16 bytes as four little-endian words; what is beyond `bytes` is 0.
static __device__ __forceinline__ void load_group(
    u32 word[4], const u8* source, u32 bytes, bool aligned) {
  if (aligned && bytes == 16) {
    uint4 four = *(const uint4*)source;
    word[0] = four.x;
    word[1] = four.y;
    word[2] = four.z;
    word[3] = four.w;
  } else {
#pragma unroll
    for (u32 i = 0; i < 4; i++) {
      word[i] = 0;
#pragma unroll
      for (u32 b = 0; b < 4; b++) {
        if (4 * i + b < bytes) {
          word[i] |= (u32)source[4 * i + b] << (8 * b);
        }
      }
    }
  }
}

// Counts one pair of elements. `sign` is the sign bit, `exponent` the mask of the exponent field.
static __device__ __forceinline__ void count_pair(
    u32 x, u32 y, u32 sign, u32 exponent, u32 histogram[BUCKETS][THREADS + 1], u32 counts[4]) {
  u32 changed = x ^ y;
  counts[0] += changed != 0;
  counts[1] += (changed & sign) != 0;
  counts[2] += (changed & exponent) != 0;
  bool outside = (x & exponent) == exponent || (y & exponent) == exponent;
  counts[3] += outside;
  if (!outside && (changed & sign) == 0) {
    i32 distance = (i32)(x & ~sign) - (i32)(y & ~sign);
    distance = distance < 0 ? -distance : distance;
    u32 bucket = distance == 0 ? 0 : 33 - __clz(distance - 1);
    histogram[bucket][threadIdx.x]++;
  }
}

// grid: one block per task. `counters`: COUNTERS per segment, 0 at first: the histogram, then
// unequal, signs, exponents and non-finite.
extern "C" __global__ void __launch_bounds__(THREADS) row_difference(
    const DifferenceTask* tasks,
    u64 claimed,
    u64 claimed_stride,
    u64 rerun,
    u64 rerun_stride,
    u32 row_bytes,
    u32 dtype,
    u64* counters) {
  __shared__ u32 histogram[COUNTERS][THREADS + 1]; // a column per thread; one more against conflicts
  DifferenceTask task = tasks[blockIdx.x];
#pragma unroll 1
  for (u32 i = 0; i < COUNTERS; i++) {
    histogram[i][threadIdx.x] = 0;
  }
  bool wide = dtype == VERILLM_F32;
  u32 exponent = wide ? 0x7F800000u : dtype == VERILLM_BF16 ? 0x7F80u : 0x7C00u;
  // The same of both halves of a word. An exponent of all ones, and no other, carries into the
  // cleared sign bit above it.
  u32 exponents = wide ? exponent : exponent * 0x00010001u;
  u32 units = wide ? 0x00800000u : (dtype == VERILLM_BF16 ? 0x0080u : 0x0400u) * 0x00010001u;
  u32 tops = wide ? 0x80000000u : 0x80008000u;
  bool aligned = rows_aligned16(claimed | rerun, claimed_stride | rerun_stride);
  u32 counts[4] = {0, 0, 0, 0};
  u32 quiet = 0;
#pragma unroll 1
  for (u32 i = threadIdx.x; i < task.groups; i += THREADS) {
    u32 row = task.first_row + i / task.groups_per_row;
    u32 offset = (task.first_group + i % task.groups_per_row) * 16;
    u32 bytes = row_bytes - offset < 16 ? row_bytes - offset : 16;
    u32 x[4];
    u32 y[4];
    load_group(x, (const u8*)(claimed + row * claimed_stride) + offset, bytes, aligned);
    load_group(y, (const u8*)(rerun + row * rerun_stride) + offset, bytes, aligned);
    u32 changed = 0;
    u32 overflow = 0;
#pragma unroll
    for (u32 k = 0; k < 4; k++) {
      changed |= x[k] ^ y[k];
      overflow |= (x[k] & exponents) + units;
    }
    u32 elements = wide ? bytes / 4 : bytes / 2;
    if ((changed | (overflow & tops)) == 0) {
      quiet += elements;
    } else if (wide) {
#pragma unroll
      for (u32 k = 0; k < 4; k++) {
        if (k < elements) {
          count_pair(x[k], y[k], 0x80000000u, exponent, histogram, counts);
        }
      }
    } else {
#pragma unroll
      for (u32 k = 0; k < 8; k++) {
        if (k < elements) {
          u32 shift = (k & 1) * 16;
          count_pair(
              (x[k / 2] >> shift) & 0xFFFFu,
              (y[k / 2] >> shift) & 0xFFFFu,
              0x8000u,
              exponent,
              histogram,
              counts);
        }
      }
    }
  }
  histogram[0][threadIdx.x] += quiet;
#pragma unroll
  for (u32 i = 0; i < 4; i++) {
    histogram[UNEQUAL + i][threadIdx.x] = counts[i];
  }
  __syncthreads();
  if (threadIdx.x < COUNTERS) {
    u64 sum = 0;
#pragma unroll 1
    for (u32 i = 0; i < THREADS; i++) {
      sum += histogram[threadIdx.x][i];
    }
    if (sum != 0) {
      atomicAdd(counters + (u64)task.segment * COUNTERS + threadIdx.x, sum);
    }
  }
}
