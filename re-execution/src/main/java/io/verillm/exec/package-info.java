/**
 * Model folders, executors, and the activation and token checks.
 *
 * <p>Start with {@link io.verillm.exec.Models#load(java.nio.file.Path)}; {@link
 * io.verillm.exec.TransformerExecutor} is the canonical executor. {@link
 * io.verillm.exec.VeriLlmStatistics} is the published comparison.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257), prefill-only re-execution.
 */
@NullMarked
package io.verillm.exec;

import org.jspecify.annotations.NullMarked;
