using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Tests.Operations;

public sealed class YamlEditorTests
{
    private const string Pointer = """
        # who made it: ask Ann
        desc: 'the raw data'   # single quotes stay
        outs:
        - path: data   # the folder
          md5: 11111111111111111111111111111111.dir
          size: 10
          hash: md5
          owner: unknown to DVC
        meta:
            deep: {a: 1, b: [x, y]}   # flow
        # the end

        """;

    [Fact]
    public void The_same_value_leaves_every_byte() => Assert.Equal(Pointer, Edit(Pointer, d => d));

    [Fact]
    public void A_changed_value_changes_only_itself() =>
        Assert.Equal(Pointer.Replace("size: 10", "size: 11"), Edit(Pointer, d => Out(d, o => o.With("size", DataScalar.Int(11)))));

    [Fact]
    public void A_new_key_goes_behind_the_others() =>
        Assert.Equal(
            Pointer.Replace("  owner: unknown to DVC\n", "  owner: unknown to DVC\n  nfiles: 3\n  isexec: true\n"),
            Edit(Pointer, d => Out(d, o => o.With("nfiles", DataScalar.Int(3)).With("isexec", DataScalar.Bool(true))))
        );

    [Fact]
    public void A_removed_key_takes_its_line() =>
        Assert.Equal(Pointer.Replace("  hash: md5\n", ""), Edit(Pointer, d => Out(d, o => o.With("hash", null))));

    [Fact]
    public void The_first_key_of_an_item_can_go() =>
        Assert.Equal(Pointer.Replace("path: data   # the folder\n  md5", "md5"), Edit(Pointer, d => Out(d, o => o.With("path", null))));

    [Fact]
    public void A_value_in_flow_style_is_replaced_whole() =>
        Assert.Equal(
            Pointer.Replace("deep: {a: 1, b: [x, y]}   # flow", "deep:\n      a: 2   # flow"),
            Edit(Pointer, d => d.With("meta", DataValues.Map(("deep", DataValues.Map(("a", DataScalar.Int(2)))))))
        );

    [Fact]
    public void A_top_level_key_comes_and_goes()
    {
        var added = Edit(Pointer, d => d.With("frozen", DataScalar.Bool(true)));
        Assert.Equal(Pointer.Replace("# flow\n", "# flow\nfrozen: true\n"), added);
        Assert.Equal(Pointer, Edit(added, d => d.With("frozen", null)));
        Assert.Equal(Pointer.Replace("desc: 'the raw data'   # single quotes stay\n", ""), Edit(Pointer, d => d.With("desc", null)));
    }

    [Theory]
    [InlineData("a: 1")]
    [InlineData("a: 1\r\nb: 2\r\n")]
    [InlineData("a:\n  - 1\n  - 2\nb: |\n  text\n  more\n")]
    [InlineData("a: &x {k: 1}\nb: *x\n")]
    [InlineData("a: &x\n  k: 1\nb:\n  <<: *x\n  l: 2\n")]
    [InlineData("\"a\": >-\n  folded\n  text\n")]
    [InlineData("? a\n: 1\n")]
    [InlineData("{a: 1, b: 2}\n")]
    [InlineData("---\na: 1\n...\n")]
    [InlineData("# only a comment\n")]
    [InlineData("a:\nb:\n")]
    public void Any_form_reads_as_wanted(string text)
    {
        var now = YamlReader.Parse(text, "f") as DataMap ?? DataMap.Empty;
        DataNode[] values =
        [
            DataScalar.Text("new: 'x'"),
            DataValues.Map(("k", DataScalar.Int(1)), ("l", new DataList([DataScalar.Null(), DataScalar.Float(1e-5)]))),
            new DataList([DataScalar.Text("multi\nline "), DataMap.Empty]),
        ];
        foreach (var value in values)
        {
            foreach (
                var wanted in (DataMap[])
                    [now.With("a", value), now.With("b", value), now.With("c", value), now.With("a", null).With("z", value)]
            )
            {
                var edited = YamlEditor.Apply(text, "f", wanted);
                Assert.True(DataValues.Same(wanted, YamlReader.Parse(edited, "f")), edited);
            }
        }
    }

    [Fact]
    public void Line_ends_of_Windows_stay() =>
        Assert.Equal(
            "a: 2\r\nb: 2 # c\r\nc:\r\n  d: 1\r\n",
            YamlEditor.Apply(
                "a: 1\r\nb: 2 # c\r\n",
                "f",
                DataValues.Map(("a", DataScalar.Int(2)), ("b", DataScalar.Int(2)), ("c", DataValues.Map(("d", DataScalar.Int(1)))))
            )
        );

    [Fact]
    public void Conflict_markers_are_named()
    {
        var e = Assert.Throws<ServerlessException>(() =>
            YamlEditor.Apply("outs:\n<<<<<<< HEAD\n- md5: a\n=======\n- md5: b\n>>>>>>> other\n", "data.dvc", DataMap.Empty)
        );
        Assert.Contains("git merge conflict markers, line 2", e.Message);
    }

    private static string Edit(string text, Func<DataMap, DataMap> change) =>
        YamlEditor.Apply(text, "f.dvc", change((DataMap)YamlReader.Parse(text, "f.dvc")));

    private static DataMap Out(DataMap document, Func<DataMap, DataMap> change) =>
        document.With("outs", new DataList([change((DataMap)((DataList)document["outs"]!).Items[0])]));
}
