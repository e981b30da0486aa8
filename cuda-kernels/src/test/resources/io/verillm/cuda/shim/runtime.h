// Launches of the kernel files in a plain C++ program.
#pragma once

#include <string>

namespace shim {
enum class Order { FORWARD, REVERSE, SHUFFLED };

// Runs one kernel over a grid; every block's threads, and the blocks, in the given order.
// `parameters[i]` points to the i-th argument, as for cuLaunchKernel. Returns what went wrong, or
// nothing: an unknown kernel, threads at different barriers, a thread that left while others wait.
std::string launch(
    const char* kernel, unsigned grid_x, unsigned grid_y, unsigned threads, void** parameters,
    Order order);

bool has_kernel(const char* name);

// Number of arguments of a kernel.
int parameter_count(const char* name);
}  // namespace shim
