/**
 * Networks that have names, and the pods that are connected to them: subnets, addresses, published
 * ports, what keeps networks apart. Plugins are run by {@code cri.cni}, names answered by {@code
 * cri.names}.
 */
package io.gantry.cri.networks;
