// Just enough of CUDA C for the kernel files to compile with a plain C++ compiler and to run one
// thread after the other: qualifiers, indices, the intrinsics in use, shared memory that is
// poisoned before every block, and barriers that compare where they stand.
//
// What it cannot show: races between warps that no thread order here brings out, the memory model,
// launch limits, speed. Those need a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <cmath>

struct dim3 {
  unsigned x, y, z;
};

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

namespace shim {
extern thread_local dim3 thread_index, block_index, block_size, grid_size;
// Waits until every thread of the block is at the same place, or ends the launch with an error.
void barrier(const char* file, int line);
}  // namespace shim

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static __attribute__((section("shim_shared")))
#define threadIdx shim::thread_index
#define blockIdx shim::block_index
#define blockDim shim::block_size
#define gridDim shim::grid_size
#define __syncthreads() shim::barrier(__FILE__, __LINE__)

static inline void __threadfence() {}

// One thread runs at a time, so a plain addition is atomic.
template <class T>
static inline T atomicAdd(T* address, T value) {
  T old = *address;
  *address = old + value;
  return old;
}

static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)((((uint64_t)high << 32) | low) >> (shift & 31));
}

static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)(((((uint64_t)high << 32) | low) << (shift & 31)) >> 32);
}

static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  uint64_t bytes = ((uint64_t)y << 32) | x;
  unsigned out = 0;
  for (int i = 0; i < 4; i++) {
    out |= (unsigned)((bytes >> (8 * ((selector >> (4 * i)) & 7))) & 0xFF) << (8 * i);
  }
  return out;
}

static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
static inline unsigned __umulhi(unsigned a, unsigned b) {
  return (unsigned)(((uint64_t)a * b) >> 32);
}

static inline unsigned __float_as_uint(float x) {
  unsigned bits;
  memcpy(&bits, &x, 4);
  return bits;
}

static inline float __uint_as_float(unsigned bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// Compiled with -ffp-contract=off and SSE arithmetic, these round once, to nearest even.
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return std::sqrt(a); }
static inline float __double2float_rn(double a) { return (float)a; }
static inline int __double2int_rn(double a) { return (int)std::nearbyint(a); }
static inline uint64_t __double_as_longlong(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  return bits;
}
static inline double __longlong_as_double(int64_t bits) {
  double x;
  memcpy(&x, &bits, 8);
  return x;
}
using std::fmaxf;
