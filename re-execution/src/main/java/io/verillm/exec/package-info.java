/**
 * Model folders, executors, and the activation and token checks.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257), prefill-only re-execution.
 */
@NullMarked
package io.verillm.exec;

import org.jspecify.annotations.NullMarked;
