"""The hashes of a document are counted and compared as sets are."""

from cachegraph.importing.hash_bag import HashBag


def test_a_bag_counts_each_hash_once() -> None:
    bag = HashBag(["a", "b"])
    bag.update(["b", "c"])
    assert len(bag) == 3
    assert len(HashBag()) == 0
    assert [bool(bag), bool(HashBag())] == [True, False]


def test_bags_with_the_same_hashes_have_one_digest() -> None:
    bag = HashBag(["a", "b", "c"])
    assert bag.digest() == HashBag({"c", "b", "a"}).digest() == HashBag("abcabc").digest()
    assert bag.digest() not in {HashBag("ab").digest(), HashBag("abcd").digest()}


def test_a_copy_is_another_bag() -> None:
    bag = HashBag("ab")
    copy = bag.copy()
    copy.update("c")
    assert [len(bag), len(copy)] == [2, 3]
