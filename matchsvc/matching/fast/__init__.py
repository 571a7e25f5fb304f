"""The same rules as `matching.engine`, for a whole country: arrays in, arrays out.

`index.build_index` lays people out, `demands.build_demands` the offers, `gate_bits` turns the
product's gates into bits, `ranking` ranks over all open pairs:

    index = build_index(people=n, parent=parent, held_row=..., held_concept=..., held_tenths=...,
                        has=has, wait_days=..., id_rank=...)
    demands = build_demands(offers=m, parent=parent, requirement_offer=..., need=need, ...)
    top_people(index, demands, 10)              # .people, .points (offers, 10)
    top_offers(index, demands, 10)              # .offers, .values (people, 10)
    top_both(index, demands, 10)                # both, in one pass
    top_offers(index, demands, 2, prices=p, floor=4000)   # the price pass of an auction

A pair is open when need & ~has == 0. points = sum of weight x tenths; cover = 10,000 x points //
maximum, 10,000 for an offer that asks for nothing; value = 10,000 + cover - price. `floor` is the
least required cover: the same sum over the required competences alone. People are ordered by
points, then longest wait, then id rank; offers by value, then id rank.

numba is used where it is installed and imported only then; without it the same integers come from
numpy and scipy. Nothing here knows of a database, a clock or a page.
"""
