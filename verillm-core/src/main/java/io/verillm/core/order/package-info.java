/**
 * What a client promises to pay for: the order, its tokens, and the evidence it asks for.
 *
 * <p>Start with {@link io.verillm.core.order.JobOrder}. "Order" is the promise; a job is what a
 * scheduler makes of it.
 */
@NullMarked
package io.verillm.core.order;

import org.jspecify.annotations.NullMarked;
