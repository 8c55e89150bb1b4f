"""Writing planned charts and data bars with XlsxWriter; the writer's other half."""

from __future__ import annotations

from typing import Any

from healthscore.workbook.plan import Bars, Chart, Series
from healthscore.workbook.styles import FONT, INK, LINE, NUMBERS, QUIET


def add_chart(workbook: Any, sheet: Any, plan: Chart) -> None:
    """Put a chart on a sheet: thin lines, no frame, the sheet's own font, alternative text."""
    subtype = {"subtype": "stacked"} if plan.stacked and plan.kind != "line" else {}
    chart = workbook.add_chart({"type": plan.kind, **subtype})
    small = {"name": FONT, "size": 9, "color": QUIET}
    for series in plan.series:
        chart.add_series(_series(plan, series))
    font = {"name": FONT, "size": 11, "bold": True, "color": INK}
    chart.set_title({"name": plan.title, "overlay": False, "name_font": font, "layout": {"x": 0.02, "y": 0.02}})
    names: dict[str, Any] = {"num_font": small, "line": {"color": LINE}, "major_tick_mark": "none"}
    if plan.names != "general":
        names |= {"num_format": NUMBERS[plan.names], "text_axis": True}
    numbers: dict[str, Any] = {
        "num_font": small,
        "num_format": NUMBERS[plan.number],
        "line": {"none": True},
        "major_tick_mark": "none",
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.75}},
        "min": plan.low,
        "max": plan.high,
    }
    if plan.kind == "bar":
        names["reverse"] = True
        numbers["label_position"] = "high"
    # XlsxWriter calls the horizontal axis x, whichever of the two it is.
    chart.set_x_axis(numbers if plan.kind == "bar" else names)
    chart.set_y_axis(names if plan.kind == "bar" else numbers)
    chart.set_legend({"position": "bottom", "font": small} if plan.legend else {"none": True})
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": "#FFFFFF"}})
    chart.set_plotarea({"fill": {"none": True}, **_layout(plan)})
    chart.show_hidden_data()
    chart.show_blanks_as("gap")
    chart.set_size({"width": plan.size[0], "height": plan.size[1]})
    place = {"description": plan.alt, "object_position": 2, "x_offset": plan.offset[0], "y_offset": plan.offset[1]}
    sheet.insert_chart(plan.row, plan.col, chart, place)


def _layout(plan: Chart) -> dict[str, Any]:
    """Return where the plot is, as parts of the whole chart."""
    if plan.plot is None:
        return {}
    (left, top, width, height), (whole, tall) = plan.plot, plan.size
    return {"layout": {"x": left / whole, "y": top / tall, "width": width / whole, "height": height / tall}}


def _series(chart: Chart, plan: Series) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": f"={plan.name}",
        "categories": f"={plan.categories}",
        "values": f"={plan.values}",
    }
    if chart.kind == "line":
        given["line"] = {"color": plan.color, "width": 2.25}
        given["marker"] = {"type": "circle", "size": 5, "fill": {"color": plan.color}, "border": {"color": plan.color}}
    elif plan.color:
        given |= {"gap": chart.gap, "fill": {"color": plan.color}, "border": {"color": "#FFFFFF", "width": 0.75}}
    else:
        given |= {"gap": chart.gap, "fill": {"none": True}, "border": {"none": True}}
    if plan.labels:
        font = {"name": FONT, "size": 9, "color": INK}
        given["data_labels"] = {"value": True, "num_format": NUMBERS[chart.number], "font": font}
    return given


def add_bars(sheet: Any, plan: Bars) -> None:
    """Draw bars behind the numbers of a range."""
    options: dict[str, Any] = {
        "type": "data_bar",
        "data_bar_2010": True,
        "bar_solid": True,
        "bar_color": plan.color,
        "min_type": "num",
        "min_value": 0,
    }
    if plan.most is not None:
        options |= {"max_type": "num", "max_value": plan.most}
    sheet.conditional_format(plan.first_row, plan.first_col, plan.last_row, plan.last_col, options)
