/** Deviating provers, fixtures and conformance vectors: what a user needs to test a verifier. */
@NullMarked
package io.verillm.testkit;

import org.jspecify.annotations.NullMarked;
