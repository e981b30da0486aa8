// Matrix products in canonical order: every output has one accumulator that starts at +0.0f and
// takes k ascending, acc = acc + x·w in two roundings. Tiles change the speed and no bit.
//
// x: [rows][inputs], w: [inputs][outputs], bias: [outputs] or 0, y: [rows][outputs], all F32.
#include "canonical.cuh"

#define TILE_M 128
#define TILE_N 128
#define TILE_K 16
#define PER_THREAD 8

// grid: (ceil(outputs / TILE_N), ceil(rows / TILE_M)), 256 threads, 8 x 8 outputs each.
extern "C" __global__ void __launch_bounds__(256, 2) gemm_tiles(
    const float* x, const float* w, const float* bias, float* y, u32 rows, u32 inputs, u32 outputs) {
  __shared__ float x_tile[TILE_K][TILE_M + 4];
  __shared__ float w_tile[TILE_K][TILE_N];
  u32 row0 = blockIdx.y * TILE_M;
  u32 column0 = blockIdx.x * TILE_N;
  u32 thread_row = threadIdx.x / 16 * PER_THREAD;
  // two runs of four columns, 64 apart, so that a warp reads shared memory without conflicts
  u32 thread_column = threadIdx.x % 16 * 4;
  float acc[PER_THREAD][PER_THREAD];
#pragma unroll
  for (int i = 0; i < PER_THREAD; i++) {
#pragma unroll
    for (int j = 0; j < PER_THREAD; j++) {
      acc[i][j] = 0.0f;
    }
  }
#pragma unroll 1
  for (u32 k0 = 0; k0 < inputs; k0 += TILE_K) {
    u32 depth = inputs - k0 < TILE_K ? inputs - k0 : TILE_K;
    // Stepping from row to row, so that no address is held from one tile to the next.
    u32 k = threadIdx.x % TILE_K;
    u32 r = threadIdx.x / TILE_K;
    u64 from = (u64)(row0 + r) * inputs + k0 + k;
#pragma unroll 4
    for (u32 i = 0; i < TILE_M * TILE_K / 256; i++) {
      x_tile[k][r] = row0 + r < rows && k < depth ? x[from] : 0.0f;
      r += 256 / TILE_K;
      from += (u64)(256 / TILE_K) * inputs;
    }
    u32 c = threadIdx.x % TILE_N;
    k = threadIdx.x / TILE_N;
    from = (u64)(k0 + k) * outputs + column0 + c;
#pragma unroll 4
    for (u32 i = 0; i < TILE_N * TILE_K / 256; i++) {
      w_tile[k][c] = column0 + c < outputs && k < depth ? w[from] : 0.0f;
      k += 256 / TILE_N;
      from += (u64)(256 / TILE_N) * outputs;
    }
    __syncthreads();
    // A step beyond `depth` would add +0.0f·+0.0f, which turns an accumulator of -0.0f into +0.0f
    // and changes no other; none is -0.0f, because a sum that starts at +0.0f never gets there.
#pragma unroll
    for (u32 k = 0; k < TILE_K; k++) {
      float a[PER_THREAD];
      float b[PER_THREAD];
#pragma unroll
      for (int i = 0; i < PER_THREAD; i++) {
        a[i] = x_tile[k][thread_row + i];
      }
#pragma unroll
      for (int j = 0; j < PER_THREAD; j++) {
        b[j] = w_tile[k][thread_column + (j & 3) + (j >> 2) * 64];
      }
#pragma unroll
      for (int i = 0; i < PER_THREAD; i++) {
#pragma unroll
        for (int j = 0; j < PER_THREAD; j++) {
          acc[i][j] = mul_add(acc[i][j], a[i], b[j]);
        }
      }
    }
    __syncthreads();
  }
  // Column by column: row by row, the addresses of eight biases would not fit beside the sums.
#pragma unroll
  for (int j = 0; j < PER_THREAD; j++) {
    u32 column = column0 + thread_column + (j & 3) + (j >> 2) * 64;
    if (column < outputs) {
      u32 row = row0 + thread_row;
#pragma unroll
      for (int i = 0; i < PER_THREAD; i++) {
        if (row + i < rows) {
          float sum = acc[i][j];
          y[(u64)(row + i) * outputs + column] = bias == 0 ? sum : add(sum, bias[column]);
        }
      }
    }
  }
}

#define FEW 4
#define DEEP 256

// For decoding: grid (ceil(outputs / blockDim.x), ceil(rows / FEW)); a thread makes one column of
// FEW rows, so that a weight is read once for them.
extern "C" __global__ void __launch_bounds__(128) gemm_few_rows(
    const float* x, const float* w, const float* bias, float* y, u32 rows, u32 inputs, u32 outputs) {
  __shared__ float staged[FEW][DEEP];
  u32 column = blockIdx.x * blockDim.x + threadIdx.x;
  u32 row0 = blockIdx.y * FEW;
  u32 count = rows - row0 < FEW ? rows - row0 : FEW;
  float acc[FEW];
#pragma unroll
  for (int r = 0; r < FEW; r++) {
    acc[r] = 0.0f;
  }
#pragma unroll 1
  for (u32 k0 = 0; k0 < inputs; k0 += DEEP) {
    u32 depth = inputs - k0 < DEEP ? inputs - k0 : DEEP;
#pragma unroll
    for (u32 r = 0; r < FEW; r++) {
#pragma unroll 1
      for (u32 k = threadIdx.x; k < depth; k += blockDim.x) {
        staged[r][k] = r < count ? x[(u64)(row0 + r) * inputs + k0 + k] : 0.0f;
      }
    }
    __syncthreads();
    if (column < outputs) {
      const float* weights = w + (u64)k0 * outputs + column;
#pragma unroll 8
      for (u32 k = 0; k < depth; k++) {
        float weight = weights[(u64)k * outputs];
#pragma unroll
        for (int r = 0; r < FEW; r++) {
          acc[r] = mul_add(acc[r], staged[r][k], weight);
        }
      }
    }
    __syncthreads();
  }
  if (column < outputs) {
#pragma unroll
    for (u32 r = 0; r < FEW; r++) {
      if (r < count) {
        y[(u64)(row0 + r) * outputs + column] =
            bias == 0 ? acc[r] : add(acc[r], bias[column]);
      }
    }
  }
}
