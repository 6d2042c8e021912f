/**
 * Servers for names, one in each pod's own network namespace: what pods are called is answered, all
 * else is asked of other servers. Who is called what is known elsewhere, see {@link
 * io.gantry.cri.names.Zone}.
 */
package io.gantry.cri.names;
