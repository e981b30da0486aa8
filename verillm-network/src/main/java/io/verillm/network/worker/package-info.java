/**
 * One worker for both roles. To it, everything is an order: prefix tokens and so many more to
 * decode. Whether an order serves a client or checks another worker's answer is known to the
 * scheduler alone. Start at {@link io.verillm.network.worker.Worker}.
 *
 * <p>Source: VeriLLM (arXiv 2509.24257), isomorphic inference–verification network. How
 * indistinguishability is reached there is not published; what stands here is this project's.
 */
@NullMarked
package io.verillm.network.worker;

import org.jspecify.annotations.NullMarked;
