#include "runtime.h"

#include "shim.h"

#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "../kernels/canonical.cuh"
#include "../kernels/sha256.cuh"

// One translation unit, with a namespace per file, so that their static functions do not clash.
namespace commit_file {
#include "../kernels/commit.cu"
#include "../kernels/gather.cu"
}  // namespace commit_file
#undef THREADS
namespace difference_file {
#include "../kernels/difference.cu"
}
namespace sketch_file {
#include "../kernels/sketch.cu"
}
namespace canonical_file {
#include "../kernels/canonical.cu"
#include "../kernels/gemm.cu"
}  // namespace canonical_file
#ifdef VERILLM_SHIM_BROKEN
#include "broken.cu"
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" {
// The linker's names for the ends of the section that __shared__ fills.
extern char __start_shim_shared[];
extern char __stop_shim_shared[];
}

namespace shim {
thread_local dim3 thread_index, block_index, block_size, grid_size;

namespace {
const size_t STACK = 256 * 1024;

template <class... A, size_t... I>
void call(void (*kernel)(A...), void** parameters, std::index_sequence<I...>) {
  (void)parameters;
  kernel(*static_cast<std::remove_const_t<A>*>(parameters[I])...);
}

struct Kernel {
  void (*run)(void (*)(), void**);
  void (*entry)();
  int parameters;
};

template <class... A>
Kernel kernel_of(void (*kernel)(A...)) {
  return {
      [](void (*entry)(), void** parameters) {
        call(
            reinterpret_cast<void (*)(A...)>(entry), parameters,
            std::make_index_sequence<sizeof...(A)>());
      },
      reinterpret_cast<void (*)()>(kernel),
      static_cast<int>(sizeof...(A))};
}

const std::map<std::string, Kernel>& kernels() {
  static const std::map<std::string, Kernel> table = {
      {"commit_tokens", kernel_of(commit_file::commit_tokens)},
      {"gather_rows", kernel_of(commit_file::gather_rows)},
      {"row_difference", kernel_of(difference_file::row_difference)},
      {"sketch_rows", kernel_of(sketch_file::sketch_rows)},
      {"largest_elements", kernel_of(sketch_file::largest_elements)},
      {"rms_norm", kernel_of(canonical_file::rms_norm)},
      {"softmax", kernel_of(canonical_file::softmax)},
      {"rope", kernel_of(canonical_file::rope)},
      {"swiglu", kernel_of(canonical_file::swiglu)},
      {"add_rows", kernel_of(canonical_file::add_rows)},
      {"attention", kernel_of(canonical_file::attention)},
      {"element_function", kernel_of(canonical_file::element_function)},
      {"gemm_tiles", kernel_of(canonical_file::gemm_tiles)},
      {"gemm_few_rows", kernel_of(canonical_file::gemm_few_rows)},
#ifdef VERILLM_SHIM_BROKEN
      {"divergent_barrier", kernel_of(divergent_barrier)},
      {"early_exit", kernel_of(early_exit)},
      {"unwritten_shared", kernel_of(unwritten_shared)},
      {"missing_barrier", kernel_of(missing_barrier)},
      {"write_beyond", kernel_of(write_beyond)},
      {"shared_beyond", kernel_of(shared_beyond)},
      {"signed_overflow", kernel_of(signed_overflow)},
#endif
  };
  return table;
}

// Saves what the calling convention keeps, stores the stack pointer at `from` and continues at `to`.
// Unlike swapcontext it makes no system call: a launch switches hundreds of thousands of times.
#if !defined(__x86_64__)
#error "the shim's switch of stacks is written for x86-64"
#endif
extern "C" void shim_switch(void** from, void* to);
asm(R"(
  .text
  .type shim_switch, @function
shim_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size shim_switch, . - shim_switch
)");

enum class State { READY, WAITING, DONE };

struct Fiber {
  void* stack_pointer = nullptr;
  std::unique_ptr<char[]> stack{new char[STACK]};
  State state = State::READY;
  const char* file = nullptr;
  int line = 0;
  void* fake_stack = nullptr;
};

void* scheduler_stack_pointer;
#if defined(__SANITIZE_ADDRESS__)
void* scheduler_fake_stack;
const void* scheduler_stack;
size_t scheduler_stack_size;
#endif
std::vector<std::unique_ptr<Fiber>> fibers;
Fiber* current;
const Kernel* running;
void** arguments;

void enter(Fiber& fiber) {
  current = &fiber;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&scheduler_fake_stack, fiber.stack.get(), STACK);
#endif
  shim_switch(&scheduler_stack_pointer, fiber.stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(scheduler_fake_stack, nullptr, nullptr);
#endif
}

// Back to the scheduler; `last` if the fiber never runs again.
void leave(bool last) {
  Fiber& fiber = *current;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(
      last ? nullptr : &fiber.fake_stack, scheduler_stack, scheduler_stack_size);
#endif
  (void)last;
  shim_switch(&fiber.stack_pointer, scheduler_stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fiber.fake_stack, &scheduler_stack, &scheduler_stack_size);
#endif
}

void run_fiber() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &scheduler_stack, &scheduler_stack_size);
#endif
  running->run(running->entry, arguments);
  current->state = State::DONE;
  leave(true);
}

// Written byte by byte without instrumentation, red zones between the arrays included.
__attribute__((no_sanitize("address", "undefined"))) void poison_shared() {
  for (volatile char* at = __start_shim_shared; at != __stop_shim_shared; at++) {
    *at = (char)0xA5;
  }
}

std::vector<unsigned> ordered(unsigned count, Order order, std::mt19937& random) {
  std::vector<unsigned> all(count);
  for (unsigned i = 0; i < count; i++) {
    all[i] = order == Order::REVERSE ? count - 1 - i : i;
  }
  if (order == Order::SHUFFLED) {
    for (unsigned i = count; i > 1; i--) {
      std::swap(all[i - 1], all[random() % i]);
    }
  }
  return all;
}

std::string place(const Fiber& fiber) {
  return std::string(fiber.file) + ":" + std::to_string(fiber.line);
}

std::string run_block(unsigned threads, Order order, std::mt19937& random) {
  poison_shared();
  for (unsigned t = 0; t < threads; t++) {
    if (fibers.size() <= t) {
      fibers.push_back(std::make_unique<Fiber>());
    }
    Fiber& fiber = *fibers[t];
    fiber.state = State::READY;
    // six registers, the entry, and a return address that is never used: aligned as after a call
    uintptr_t top = ((uintptr_t)fiber.stack.get() + STACK) & ~(uintptr_t)15;
    void** frame = (void**)top - 8;
    memset(frame, 0, 64);
    frame[6] = (void*)run_fiber;
    fiber.stack_pointer = frame;
  }
  while (true) {
    for (unsigned t : ordered(threads, order, random)) {
      if (fibers[t]->state == State::READY) {
        thread_index = {t, 0, 0};
        enter(*fibers[t]);
      }
    }
    unsigned done = 0;
    const Fiber* waiting = nullptr;
    for (unsigned t = 0; t < threads; t++) {
      const Fiber& fiber = *fibers[t];
      if (fiber.state == State::DONE) {
        done++;
      } else if (waiting == nullptr) {
        waiting = &fiber;
      } else if (waiting->line != fiber.line || strcmp(waiting->file, fiber.file) != 0) {
        return "threads wait at different barriers: " + place(*waiting) + " and " + place(fiber);
      }
    }
    if (done == threads) {
      return "";
    }
    if (done > 0) {
      return std::to_string(done) + " threads left while others wait at " + place(*waiting);
    }
    for (unsigned t = 0; t < threads; t++) {
      fibers[t]->state = State::READY;
    }
  }
}
}  // namespace

void barrier(const char* file, int line) {
  Fiber& fiber = *current;
  fiber.state = State::WAITING;
  fiber.file = file;
  fiber.line = line;
  dim3 index = thread_index;
  leave(false);
  thread_index = index;
}

bool has_kernel(const char* name) { return kernels().count(name) != 0; }

int parameter_count(const char* name) { return kernels().at(name).parameters; }

std::string launch(
    const char* name, unsigned grid_x, unsigned grid_y, unsigned threads, void** parameters,
    Order order) {
  auto found = kernels().find(name);
  if (found == kernels().end()) {
    return std::string("no kernel ") + name;
  }
  if (grid_x == 0 || grid_y == 0 || grid_y > 65535 || threads == 0 || threads > 1024) {
    return "no device launches this shape";
  }
  running = &found->second;
  arguments = parameters;
  block_size = {threads, 1, 1};
  grid_size = {grid_x, grid_y, 1};
  std::mt19937 random(12345);
  for (unsigned block : ordered(grid_x * grid_y, order, random)) {
    block_index = {block % grid_x, block / grid_x, 0};
    std::string failure = run_block(threads, order, random);
    if (!failure.empty()) {
      return failure + " in block " + std::to_string(block) + " of " + name;
    }
  }
  return "";
}
}  // namespace shim
