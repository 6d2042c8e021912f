/**
 * The Node Resource Interface: plugins that are told of pods and containers and may change how they
 * are made. Only the protocol, the plugins and what follows from their answers live here; pods and
 * containers know of it as hooks, and nothing of them is changed here but through what they offer.
 */
package io.gantry.cri.nri;
