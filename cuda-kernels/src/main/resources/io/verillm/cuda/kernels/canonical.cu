// The element functions and reductions of canonical arithmetic, bit for bit those of
// io.verillm.core.canonical.CanonicalKernels. A sum has one accumulator, so it is one thread's
// work; what surrounds it is shared out. Rows are contiguous F32.
#include "canonical.cuh"

#define STAGE 1024

// Shared memory is declared in the kernels and handed down: declared in a template it would carry
// a hash of the file's path in its name, and the compiled bytes would depend on the folder.

// Adds count values ascending, from +0.0f. `value(i)` is evaluated by all threads of the block and
// staged in shared memory; the sum is valid in every thread. All threads call it.
// staged: STAGE floats, total: one.
template <class Value>
static __device__ __forceinline__ float ascending_sum(
    float* staged, float* total, u32 count, Value value) {
  if (threadIdx.x == 0) {
    *total = 0.0f;
  }
#pragma unroll 1
  for (u32 start = 0; start < count; start += STAGE) {
    u32 here = count - start < STAGE ? count - start : STAGE;
#pragma unroll 1
    for (u32 i = threadIdx.x; i < here; i += blockDim.x) {
      staged[i] = value(start + i);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      float sum = *total;
      for (u32 i = 0; i < here; i++) {
        sum = add(sum, staged[i]);
      }
      *total = sum;
    }
    __syncthreads();
  }
  return *total;
}

// The largest of count values, in every thread. All threads call it; at most 256.
// candidates: one float per thread.
template <class Value>
static __device__ __forceinline__ float largest(float* candidates, u32 count, Value value) {
  float best = __uint_as_float(0xFF800000u);
#pragma unroll 1
  for (u32 i = threadIdx.x; i < count; i += blockDim.x) {
    best = fmaxf(best, value(i));
  }
  candidates[threadIdx.x] = best;
  __syncthreads();
#pragma unroll 1
  for (u32 i = 0; i < blockDim.x; i++) {
    best = fmaxf(best, candidates[i]);
  }
  __syncthreads();
  return best;
}

// Softmax of n values in place. All threads of the block call it.
static __device__ __forceinline__ void softmax_in_place(
    float* staged, float* total, float* candidates, float* x, u32 n) {
  float max = largest(candidates, n, [x](u32 i) { return x[i]; });
  float sum = ascending_sum(staged, total, n, [x, max](u32 i) {
    float e = canonical_exp(sub(x[i], max));
    x[i] = e;
    return e;
  });
#pragma unroll 1
  for (u32 i = threadIdx.x; i < n; i += blockDim.x) {
    x[i] = __fdiv_rn(x[i], sum);
  }
  __syncthreads();
}

// grid: rows x parts of a row. y may be x.
extern "C" __global__ void __launch_bounds__(256)
    rms_norm(const float* x, float* y, const float* weight, u32 length, float epsilon) {
  const float* from = x + (u64)blockIdx.x * length;
  float* to = y + (u64)blockIdx.x * length;
  __shared__ float staged[STAGE];
  __shared__ float total;
  float sum = ascending_sum(staged, &total, length, [from](u32 i) { return mul(from[i], from[i]); });
  float factor = canonical_rsqrt(add(__fdiv_rn(sum, (float)length), epsilon));
#pragma unroll 1
  for (u32 i = threadIdx.x; i < length; i += blockDim.x) {
    to[i] = mul(mul(from[i], factor), weight[i]);
  }
}

// grid: rows.
extern "C" __global__ void __launch_bounds__(256) softmax(float* x, u32 width, u32 n) {
  __shared__ float staged[STAGE];
  __shared__ float total;
  __shared__ float candidates[256];
  softmax_in_place(staged, &total, candidates, x + (u64)blockIdx.x * width, n);
}

// One thread per pair of a head's halves. `table`: headDim floats per row, cosines, then sines.
extern "C" __global__ void rope(
    float* x, const float* table, u32 width, u32 head_dim, u64 pairs) {
  u64 index = (u64)blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= pairs) {
    return;
  }
  u32 half = head_dim / 2;
  u64 row = index / (width / 2);
  u32 within = (u32)(index % (width / 2));
  u32 i = within % half;
  float* a = x + row * width + within / half * head_dim + i;
  float* b = a + half;
  float cosine = table[row * head_dim + i];
  float sine = table[row * head_dim + half + i];
  float first = *a;
  float second = *b;
  *a = sub(mul(first, cosine), mul(second, sine));
  *b = add(mul(second, cosine), mul(first, sine));
}

// y may be gate.
extern "C" __global__ void swiglu(const float* gate, const float* up, float* y, u64 count) {
  u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    y[i] = mul(canonical_silu(gate[i]), up[i]);
  }
}

extern "C" __global__ void add_rows(float* x, const float* delta, u64 count) {
  u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    x[i] = add(x[i], delta[i]);
  }
}

// Causal attention. A block takes pairs of a query row and a head, one after the other, from
// blockIdx.x on; `scores` holds `capacity` floats per block.
extern "C" __global__ void __launch_bounds__(256) attention(
    const float* queries,
    const float* keys,
    const float* values,
    float* out,
    float* scores,
    u32 capacity,
    u32 rows,
    u32 first_position,
    u32 heads,
    u32 groups,
    u32 head_dim,
    float scale) {
  __shared__ float staged[STAGE];
  __shared__ float total;
  __shared__ float candidates[256];
  float* s = scores + (u64)blockIdx.x * capacity;
  u32 cache_width = groups * head_dim;
#pragma unroll 1
  for (u64 task = blockIdx.x; task < (u64)rows * heads; task += gridDim.x) {
    u32 row = (u32)(task / heads);
    u32 head = (u32)(task % heads);
    u32 column = head / (heads / groups) * head_dim;
    const float* q = queries + ((u64)row * heads + head) * head_dim;
    u32 n = first_position + row + 1;
#pragma unroll 1
    for (u32 t = threadIdx.x; t < n; t += blockDim.x) {
      const float* k = keys + (u64)t * cache_width + column;
      float sum = 0.0f;
      for (u32 d = 0; d < head_dim; d++) {
        sum = mul_add(sum, k[d], q[d]);
      }
      s[t] = mul(sum, scale);
    }
    __syncthreads();
    softmax_in_place(staged, &total, candidates, s, n);
#pragma unroll 1
    for (u32 d = threadIdx.x; d < head_dim; d += blockDim.x) {
      const float* v = values + column + d;
      float sum = 0.0f;
      for (u32 t = 0; t < n; t++) {
        sum = mul_add(sum, s[t], v[(u64)t * cache_width]);
      }
      out[((u64)row * heads + head) * head_dim + d] = sum;
    }
    __syncthreads();
  }
}

// Element functions on their own, for tests: 0 exp, 1 rsqrt, 2 silu.
extern "C" __global__ void element_function(u32 function, const float* x, float* y, u64 count) {
  u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    y[i] = function == 0   ? canonical_exp(x[i])
           : function == 1 ? canonical_rsqrt(x[i])
                           : canonical_silu(x[i]);
  }
}
