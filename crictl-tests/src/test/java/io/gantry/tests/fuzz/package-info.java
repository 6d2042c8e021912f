/**
 * Requests that nobody means: random, mutated, hostile and huge messages for every RPC that the
 * descriptor names. What a right answer to a particular request is, other packages test; here only
 * that there is an answer, with a code, and that nothing breaks.
 */
package io.gantry.tests.fuzz;
