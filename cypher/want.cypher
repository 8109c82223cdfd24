// Want: the specs of packages in stacks, to find those nearest to the wanted ones
// :param {stacks: ['develop/e4s', 'develop/ml-linux-x86_64-cpu'], packages: ['py-mpi4py']}
UNWIND $packages AS name
MATCH (:Package {name: name})<-[:OF_PACKAGE]-(spec:Spec)-[:IN_STACK]->(stack:Stack)
WHERE stack.key IN $stacks
RETURN spec, collect(stack.key) AS stacks
