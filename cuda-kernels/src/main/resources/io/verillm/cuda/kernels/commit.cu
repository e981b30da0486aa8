// Token roots: the chunk leaves of every row of a token, hashed where the rows lie, and the Merkle
// tree over them. The bytes are those of io.verillm.core.trace.ChunkLeaf and the tree is that of
// RFC 6962 section 2.1, built by pairing neighbours and lifting an odd last node.
//
// One launch does any number of tokens. A block hashes blockDim.x leaves (a power of two, at most
// 256) and reduces them; such a group is a whole subtree, so the last block of a token to finish
// can go on with the groups' roots.
#include "sha256.cuh"

#define MAX_THREADS 256

// One row of every token, as io.verillm.cuda.CommitTable writes it.
struct CommitRow {
  u64 address;    // row 0 of the view
  u64 stride;     // bytes from a row to the next
  u32 row_bytes;  // bytes of each row
  u32 first_leaf; // index of its first leaf in the token tree
  u32 tag;        // version, kind, dtype and hook, one byte each, the version in the highest
  u32 layer;
};

// Word i of the 32-byte suffix, then the byte that starts SHA-256's padding; 0 on either side.
static __device__ __forceinline__ u32 suffix_word(const u32 suffix[8][MAX_THREADS], i32 i) {
  u32 word = i == 8 ? 0x80000000u : 0u;
  return i >= 0 && i < 8 ? suffix[i][threadIdx.x] : word;
}

// Hashes 0x00 || data || suffix, the suffix being this thread's column of `suffix`.
static __device__ __forceinline__ void hash_leaf(
    u32 h[8], const u8* data, u32 bytes, const u32 suffix[8][MAX_THREADS]) {
  sha256_start(h);
  // Whole blocks that hold nothing but data, where rows lie on 16-byte borders.
  u32 whole = ((u64)data & 15u) == 0 ? bytes / 64 : 0;
  u32 before = 0; // its highest byte comes before the block: the prefix 0x00 at first
#pragma unroll 1
  for (u32 block = 0; block < whole; block++) {
    const uint4* source = (const uint4*)(data + 64 * (u64)block);
    u32 w[16];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint4 four = source[i];
      w[4 * i] = shifted_big_endian(before, four.x);
      w[4 * i + 1] = shifted_big_endian(four.x, four.y);
      w[4 * i + 2] = shifted_big_endian(four.y, four.z);
      w[4 * i + 3] = shifted_big_endian(four.z, four.w);
      before = four.w;
    }
    sha256_compress(h, w);
  }
  // What is left: the byte before, data, suffix, padding and the length, word by word.
  const u8* rest = data + 64 * (u64)whole;
  u32 left = bytes - 64 * whole;
  u32 blocks = (1 + left + 32 + 9 + 63) / 64;
  u32 bits = (1 + bytes + 32) * 8;
#pragma unroll 1
  for (u32 block = 0; block < blocks; block++) {
    u32 w[16];
#pragma unroll
    for (int i = 0; i < 16; i++) {
      u32 at = 64 * block + 4 * i;            // message bytes at .. at + 3, counted from `rest` - 1
      i32 offset = (i32)at - (i32)(left + 1); // the same, counted from the suffix
      i32 index = offset >> 2;
      u32 word = __funnelshift_l(
          suffix_word(suffix, index + 1), suffix_word(suffix, index), (offset & 3) * 8);
      if (at <= left) {
#pragma unroll
        for (int b = 0; b < 4; b++) {
          u32 place = at + b;
          if (place == 0) {
            word |= before & 0xFF000000u;
          } else if (place <= left) {
            word |= (u32)rest[place - 1] << (24 - 8 * b);
          }
        }
      }
      w[i] = word;
    }
    if (block == blocks - 1) {
      w[15] = bits;
    }
    sha256_compress(h, w);
  }
}

// Reduces `count` digests, one per column, to their root in column 0. All threads call it.
static __device__ __forceinline__ void reduce(u32 level[8][MAX_THREADS], u32 count) {
#pragma unroll 1
  for (u32 width = count; width > 1; width = (width + 1) / 2) {
    u32 pairs = width / 2;
    u32 h[8];
    if (threadIdx.x < pairs) {
      u32 left[8];
      u32 right[8];
#pragma unroll
      for (int i = 0; i < 8; i++) {
        left[i] = level[i][2 * threadIdx.x];
        right[i] = level[i][2 * threadIdx.x + 1];
      }
      sha256_node(left, right, h);
    } else if (threadIdx.x == pairs && (width & 1) != 0) {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        h[i] = level[i][width - 1];
      }
    }
    __syncthreads();
    if (threadIdx.x < (width + 1) / 2) {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        level[i][threadIdx.x] = h[i];
      }
    }
    __syncthreads();
  }
}

// grid: positions x groups, where groups = ceil(leaves / blockDim.x).
//
// table       block table of a paged cache, or 0 where position i is row i of every view
// salts       16 bytes per leaf, leaves of the first position first
// group_roots scratch, 32 bytes per block
// finished    scratch, one word per position, 0; it is 0 again afterwards
// roots       32 bytes per position
extern "C" __global__ void __launch_bounds__(MAX_THREADS) commit_tokens(
    const CommitRow* rows,
    u32 row_count,
    u32 leaves,
    u32 groups,
    u32 chunk_bytes,
    const i32* table,
    u32 positions_per_block,
    u32 first_position,
    const u32* salts,
    u32* group_roots,
    u32* finished,
    u32* roots) {
  __shared__ u32 level[8][MAX_THREADS];
  __shared__ u32 arrived;
  u32 token = blockIdx.x / groups;
  u32 group = blockIdx.x % groups;
  u32 leaf = group * blockDim.x + threadIdx.x;
  if (leaf < leaves) {
    u32 index =
        last_not_above(row_count, leaf, [rows](u32 row) { return rows[row].first_leaf; });
    CommitRow row = rows[index];
    u32 position = first_position + token;
    u64 slot = token;
    if (table != 0) {
      slot = (u64)table[position / positions_per_block] * positions_per_block +
             position % positions_per_block;
    }
    u32 chunk = leaf - row.first_leaf;
    u32 offset = chunk * chunk_bytes;
    u32 bytes = row.row_bytes - offset < chunk_bytes ? row.row_bytes - offset : chunk_bytes;
    const u32* salt = salts + ((u64)token * leaves + leaf) * 4;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      level[i][threadIdx.x] = __byte_perm(salt[i], 0, 0x0123);
    }
    level[4][threadIdx.x] = row.tag;
    level[5][threadIdx.x] = (row.layer << 16) | (position >> 16);
    level[6][threadIdx.x] = (position << 16) | chunk;
    level[7][threadIdx.x] = row.row_bytes;
    u32 h[8];
    hash_leaf(h, (const u8*)(row.address + slot * row.stride) + offset, bytes, level);
#pragma unroll
    for (int i = 0; i < 8; i++) {
      level[i][threadIdx.x] = h[i];
    }
  }
  __syncthreads();
  // First the leaves of this group; then, in the last block of the token, the groups' roots, as
  // many at a time as there are threads. One loop, so that the unrolled node hash is there once.
  u32 first = group * blockDim.x;
  u32 width = leaves - first < blockDim.x ? leaves - first : blockDim.x;
  volatile u32* mine = group_roots + (u64)token * groups * 8;
  u32 count = 0; // roots of the level that is being reduced; 0 while leaves are
  u32 start = 0;
  u32 reduced = group;
#pragma unroll 1
  while (true) {
    reduce(level, width);
    if (groups == 1) {
      break;
    }
    if (threadIdx.x < 8) {
      mine[reduced * 8 + threadIdx.x] = level[threadIdx.x][0];
    }
    if (count == 0) {
      __threadfence();
      __syncthreads();
      if (threadIdx.x == 0) {
        arrived = atomicAdd(finished + token, 1u);
      }
      __syncthreads();
      if (arrived != groups - 1) {
        return;
      }
      __threadfence();
      count = groups;
      reduced = 0;
    } else {
      __syncthreads();
      reduced++;
      start += blockDim.x;
      if (start >= count) {
        if (reduced == 1) {
          break;
        }
        count = reduced;
        reduced = 0;
        start = 0;
      }
    }
    width = count - start < blockDim.x ? count - start : blockDim.x;
    if (threadIdx.x < width) {
#pragma unroll
      for (int i = 0; i < 8; i++) {
        level[i][threadIdx.x] = mine[(start + threadIdx.x) * 8 + i];
      }
    }
    __syncthreads();
  }
  if (groups > 1 && threadIdx.x == 0) {
    finished[token] = 0;
  }
  if (threadIdx.x < 8) {
    roots[(u64)token * 8 + threadIdx.x] = __byte_perm(level[threadIdx.x][0], 0, 0x0123);
  }
}
