// Releases, with the numbers of their stacks and specs
MATCH (release:Release)
OPTIONAL MATCH (release)<-[:OF_RELEASE]-(stack:Stack)
OPTIONAL MATCH (stack)<-[:IN_STACK]-(spec:Spec)
RETURN release.name AS name, count(DISTINCT stack) AS stacks, count(DISTINCT spec) AS specs
ORDER BY name
