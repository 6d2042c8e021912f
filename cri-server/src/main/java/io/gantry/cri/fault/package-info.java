/**
 * Points in the daemon's work where a test can end it or make it fail, one before and one after
 * each intent that is recorded. Nobody but the composition switches them on, and no behaviour of
 * the daemon may depend on them.
 */
package io.gantry.cri.fault;
