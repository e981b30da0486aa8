/**
 * Commitments to a vector of cells: univariate KZG over the Ethereum ceremony, and multivariate PST
 * over a grid whose axes are the polynomial's variables.
 *
 * <p>Start with {@link io.verillm.tensorcommit.vector.VectorScheme}. Sources: Kate, Zaverucha and
 * Goldberg 2010 for one variable; Papamanthou, Shi and Tamassia 2013 for several, with one quotient
 * per variable; Boneh, Drake, Fisch and Gabizon 2020 for many openings in two points. A commitment
 * binds the cells; it says nothing about where their values came from.
 */
@NullMarked
package io.verillm.tensorcommit.vector;

import org.jspecify.annotations.NullMarked;
