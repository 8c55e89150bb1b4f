Attribute VB_Name = "RibbonHealthscore"
Option Explicit
'What the buttons of the tab "Health score" do. The work is done in Python: healthscore.addin.ribbon.

Sub Recompute(control As IRibbonControl)
    RunPython "import healthscore.addin.ribbon as r; r.recompute()"
End Sub

Sub Check(control As IRibbonControl)
    RunPython "import healthscore.addin.ribbon as r; r.check()"
End Sub

Sub Refresh(control As IRibbonControl)
    Dim path As Variant
    #If Mac Then
        path = Application.GetOpenFilename()
    #Else
        path = Application.GetOpenFilename("Exports of accounts (*.csv;*.tsv;*.xlsx;*.parquet),*.csv;*.tsv;*.xlsx;*.parquet", , "Choose the new export of accounts")
    #End If
    If VarType(path) = vbBoolean Then Exit Sub
    RunPython "import healthscore.addin.ribbon as r; r.refresh('" & Spelled(CStr(path)) & "')"
End Sub

Sub Email(control As IRibbonControl)
    RunPython "import healthscore.addin.ribbon as r; r.email()"
End Sub

Sub Help(control As IRibbonControl)
    MsgBox "Type into a cell:" & vbNewLine & vbNewLine & _
        "=HEALTHSCORE(values, headers, segment, HealthModel)" & vbNewLine & _
        "=HEALTHBAND(...)   =HEALTHGRADE(...)   =HEALTHCOVERAGE(...)" & vbNewLine & _
        "=HEALTHDRIVERS(...)   =HEALTHACTION(...)" & vbNewLine & vbNewLine & _
        "Values are one row or many rows; HealthModel is this workbook's Model sheet." & vbNewLine & vbNewLine & _
        "Recompute: score in Python, compare with the formulas." & vbNewLine & _
        "Check: can the scores be trusted?" & vbNewLine & _
        "Refresh from file: bring in a new export." & vbNewLine & _
        "E-mail scorecards: draft the e-mails, send nothing." & vbNewLine & vbNewLine & _
        "Installed? Type  healthscore addin status  in a terminal.", vbInformation, "Health score"
End Sub

Private Function Spelled(text As String) As String
    'Four hexadecimal digits per character: quotes, spaces and umlauts survive the way to Python.
    Dim i As Long
    For i = 1 To Len(text)
        Spelled = Spelled & Right$("000" & Hex$(AscW(Mid$(text, i, 1))), 4)
    Next
End Function
