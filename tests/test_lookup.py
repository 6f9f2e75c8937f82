"""Finding a matter by what the visitor says."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaohao.queue.config import load
from jiaohao.queue.lookup import SHOWN, Hit, Lookup
from jiaohao.queue.pinyin import spoken
from jiaohao.queue.setup import hall_of
from jiaohao.store.values import Hall
from small_hall import small_hall


def with_speech(hall: Hall) -> Hall:
    """A hall as `init` keeps it: with how its names are spoken."""
    return replace(
        hall,
        lines=tuple(replace(line, spoken=(spoken(line.name),)) for line in hall.lines),
        matters=tuple(replace(matter, spoken=(spoken(matter.name),)) for matter in hall.matters),
        agencies=tuple(replace(agency, spoken=(spoken(agency.name),)) for agency in hall.agencies),
    )


LOOKUP = Lookup(with_speech(small_hall()))


def found(text: str) -> tuple[Hit, ...]:
    return Lookup(with_speech(small_hall())).find(text)


def keys(text: str) -> list[str]:
    return [hit.key for hit in found(text)]


def test_nothing_typed_shows_the_lines_and_then_every_matter() -> None:
    assert keys("")[:4] == ["line:A", "line:B", "line:C", "matter:rs-001"]
    assert keys("  ")[-1] == "agency:court"


def test_matters_are_found_by_part_of_the_name_by_code_and_by_line() -> None:
    assert keys("参保") == ["matter:rs-001"]
    assert keys("YB-001") == ["matter:yb-001"]
    assert keys("b")[0] == "line:B"
    assert keys("社会 认证") == ["matter:rs-002"]
    assert keys("没有的") == []


def test_what_was_typed_before_changes_nothing() -> None:
    used = Lookup(with_speech(small_hall()))
    for text in ("养老待遇rz", "yanglaorenzheng", "lhjy dj", "yb-001", "shehui canbao", "没有的"):
        typed = [text[:size] for size in range(1, len(text) + 1)]
        for said in (*typed, *reversed(typed)):
            assert used.find(said) == found(said)


def test_bodies_outside_the_centre_are_found_in_the_same_box() -> None:
    for said in ("法院", "fayuan", "fy", "rmfy"):
        assert keys(said)[0] == "agency:court"


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("养老认证", "养老认证"),
        ("yanglao", "养老"),
        ("yldy", "养老待遇"),
        ("yanglrz", "养老认证"),
        ("养老rz", "养老认证"),
    ],
)
def test_what_was_asked_for_is_marked(said: str, marked: str) -> None:
    hit = next(hit for hit in found(said) if hit.key == "matter:rs-002")
    assert "".join(hit.shown[place] for place in hit.marks) == marked


def test_a_matter_is_found_by_its_other_names_and_says_by_which() -> None:
    hall = small_hall()
    named = replace(
        hall.matters[0], aliases=("自己交社保",), spoken=(spoken(hall.matters[0].name), spoken("自己交社保"))
    )
    lookup = Lookup(replace(hall, matters=(named,)))
    for said in ("交社保", "jiaoshebao", "zjjsb"):
        (hit,) = lookup.find(said)
        assert hit.shown == f"{named.name} (自己交社保)"
        assert hit.shown[hit.marks[-1]] == "保"


@pytest.mark.parametrize("said", ["公", "g", "gs", "公 A"])
def test_also_one_character_says_by_which_name_it_found_a_matter(said: str) -> None:
    hall = with_speech(small_hall())
    aliased = replace(
        hall.matters[1], aliases=("公司加人",), spoken=(*hall.matters[1].spoken, spoken("公司加人"))
    )
    hits = Lookup(replace(hall, matters=(aliased,))).find(said)
    hit = next(hit for hit in hits if hit.matter is not None)
    assert (hit.said, hit.shown[hit.marks[0]]) == ("公司加人", "公")


def test_characters_in_order_are_found_after_whole_words() -> None:
    assert keys("养老认证") == ["matter:rs-002"]
    assert keys("认证养老") == []


def test_two_thousand_matters_are_narrowed_to_sixty() -> None:
    hall = small_hall()
    one = hall.matters[0]
    how = spoken(f"第0项{one.name}")
    many = tuple(
        replace(one, code=f"m-{place}", name=f"第{place % 10}项{one.name}", spoken=(how,))
        for place in range(2000)
    )
    body = hall.agencies[0]
    bodies = tuple(replace(body, code=f"b-{place}", name=f"{body.name}{place}") for place in range(500))
    lookup = Lookup(replace(hall, matters=many, agencies=bodies))
    for said in ("登记", "d", "lhjy", "linghuojiuye", "lhdj"):
        assert len(lookup.find(said)) == SHOWN


# What people say at the door of the county hall, typed as it comes, and what they mean.
SAID = """
社保卡丢了 rs-014 | sbkdl rs-014 | 自己交社保 rs-001 | zjjsb rs-001 | 灵活就业 rs-001 | lhjy rs-001
养老认证 rs-009 | ylrz rs-009 | yanglaorenzheng rs-009 | 领养老金 rs-003 | 办退休 rs-006 | btx rs-006
失业金 rs-017 | syj rs-017 | 失业登记 rs-016 | 打印社保 rs-015 | 工伤认定 rs-011 | gsrd rs-011
社保转移 rs-008 | 丧葬费 rs-010 | 职称 rs-024 | 创业贷款 rs-021 | 外地看病 yb-004 | yidijiuyi yb-004
慢病 yb-005 | 住院报销 yb-006 | zybx yb-006 | 宝宝医保 yb-003 | 生孩子报销 yb-007 | 医疗救助 yb-009
二手房过户 zr-002 | esf zr-002 | 房产证丢了 zr-008 | 解押 zr-004 | 房产继承 zr-007 | 查房 zr-009
宅基地 zr-010 | 开饭店 sc-008 | spjy sc-008 | 注册公司 sc-004 | zhucegongsi sc-004 | 注销公司 sc-006
个体户执照 sc-001 | 开药店 sc-010 | 开发票 sw-004 | kfp sw-004 | 个税退税 sw-006 | 交契税 sw-005
孩子上户口 ga-001 | 落户 ga-002 | 改名字 ga-005 | 身份证丢了 ga-007 | sfzdl ga-007 | 护照 ga-009
huzhao ga-009 | 去香港 ga-010 | 居住证 ga-008 | 施工许可 zj-001 | sgxk zj-001 | 结婚 mz-001 | jiehun mz-001
低保 mz-003 | dibao mz-003 | 残疾证 cl-001 | 教师证 jy-001 | 转学 jy-002 | 买房取公积金 gj-002
公积金贷款 gj-005 | gjjdk gj-005 | 公租房 zj-007 | gzf zj-007 | 维修基金 zj-010 | 网约车 jt-003
法院 court | fayuan court | 公证 notary | gongzheng notary | 法律援助 legalaid | flyz legalaid
供电 power | 自来水 water | 信访 petition | 派出所 police | pcs police
"""
MEANT = [tuple(pair.split()) for pair in SAID.replace("\n", "|").split("|") if pair.strip()]


@pytest.fixture(scope="module")
def county() -> Lookup:
    return Lookup(hall_of(load(Path(__file__).parent.parent / "config.toml")))


@pytest.mark.rule("OP-1")
@pytest.mark.parametrize(("said", "meant"), MEANT)
def test_what_people_say_is_found_first(county: Lookup, said: str, meant: str) -> None:
    assert county.find(said)[0].code == meant


def test_more_than_sixty_things_are_said() -> None:
    assert len(MEANT) >= 60


# Slips of the key, and what is asked for often

SLIPS = """
yanlgaorenzheng rs-009 | yanglaoremzheng rs-009 | yanglaorenzhenng rs-009 | yangloarenzheng rs-009
zhucegonsgi sc-004 | zhuceginsi sc-004 | gongzhemg notary | huzhoa ga-009 | jiehin mz-001 | dinao mz-003
养老任证 rs-009 | 养佬认证 rs-009 | 失业等记 rs-016 | 注策公司 sc-004 | 二手房郭户 zr-002 | 居注证 ga-008
"""
SLIPPED = [tuple(pair.split()) for pair in SLIPS.replace("\n", "|").split("|") if pair.strip()]


@pytest.mark.rule("OP-1")
@pytest.mark.parametrize(("said", "meant"), SLIPPED)
def test_a_slip_of_the_key_is_forgiven_and_said(county: Lookup, said: str, meant: str) -> None:
    hits = county.find(said)
    assert meant in [hit.code for hit in hits[:3]]
    assert hits[0].is_near


def test_what_fits_to_the_letter_is_never_a_guess(county: Lookup) -> None:
    for said, _meant in MEANT:
        assert not any(hit.is_near for hit in county.find(said))


def test_a_short_word_and_one_with_two_mistakes_find_nothing(county: Lookup) -> None:
    for said in ("qqq", "没有", "yamglaoremzhemg", "没有的事情"):
        assert county.find(said) == ()


NAMES = [matter.name for matter in small_hall().matters]


@given(st.sampled_from(NAMES), st.integers(min_value=2, max_value=30), st.sampled_from(ascii_lowercase))
def test_any_one_letter_wrong_left_out_added_or_swapped_finds_it_all_the_same(
    name: str, at: int, letter: str
) -> None:
    word = "".join(spoken(name).split())
    at = min(at, len(word) - 2)
    begin, one, two, end = word[:at], word[at], word[at + 1], word[at + 2 :]
    slips = (letter + two + end, letter + one + two + end, two + end, two + one + end)
    for slip in slips:
        assert name in [hit.name for hit in LOOKUP.find(begin + slip)]


@pytest.mark.rule("OP-1")
def test_what_is_asked_for_most_today_comes_first_among_equals() -> None:
    lookup = Lookup(with_speech(small_hall()))
    plain = [hit.key for hit in lookup.find("登记")]
    often = {plain[-1]: 3, plain[0]: 1}
    assert [hit.key for hit in lookup.find("登记", often=often)][:2] == [plain[-1], plain[0]]
    assert lookup.find("", often={"matter:yb-001": 2})[0].key == "matter:yb-001"
    # Often asked for is no reason to come before what fits better.
    assert lookup.find("b", often={"matter:rs-001": 99})[0].key == "line:B"


def fewest_keys(lookup: Lookup, hit: Hit, names: tuple[str, ...]) -> int:
    """From the first key to the ticket: first letters of some part of a name, then arrows, then Enter."""
    costs = []
    for name in names:
        initials = "".join(syllable[0] for syllable in name.split())
        for start, size in product(range(len(initials)), range(1, 6)):
            found = [one.key for one in lookup.find(initials[start : start + size])]
            costs += [size + found.index(hit.key) + 1] if hit.key in found else []
    return min(costs)


@pytest.mark.rule("OP-1")
def test_a_known_matter_of_the_county_hall_takes_six_keys_at_most(county: Lookup) -> None:
    hall = hall_of(load(Path(__file__).parent.parent / "config.toml"))
    for matter in hall.matters:
        hit = next(hit for hit in county.find(matter.code) if hit.code == matter.code)
        assert fewest_keys(county, hit, matter.spoken) <= 6, matter.name
