// History: the versions and hashes of a package in the stacks of all releases
// :param {package: 'py-mpi4py'}
MATCH (:Package {name: $package})<-[:OF_PACKAGE]-(spec:Spec)-[:IN_STACK]->(stack:Stack)
RETURN stack.key AS stack, spec.hash AS hash, spec.version AS version
ORDER BY stack, version, hash
