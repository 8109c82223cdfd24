// Base: layers of specs that exactly the same stacks hold, and the builds that building each once saves
// :param {stacks: ['e4s-24.11/gcc-cpu', 'e4s-24.11/gcc-cuda']}
UNWIND $stacks AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
WITH key, spec
ORDER BY key
WITH spec, collect(DISTINCT key) AS stacks
RETURN stacks, count(spec) AS specs, count(spec) * (size(stacks) - 1) AS saved
ORDER BY saved DESC, size(stacks) DESC, stacks
