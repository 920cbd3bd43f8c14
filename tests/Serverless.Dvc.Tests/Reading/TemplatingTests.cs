using Serverless.Data.Values;
using Serverless.Dvc.Reading;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>What DVC's own tests of its templating show, and what its sources say beside them.</summary>
public sealed class TemplatingTests
{
    [Theory]
    [InlineData("echo ${a.b[0].c} ${a.b.0.c} ${ a.b[0].c } ${a[b][0][c]} ${a.b.-1.c}", "echo 5 5 5 5 5")]
    [InlineData("echo ${f} ${t} ${n} ${s} ${u} ${neg}", "echo 1e-05 true None a b é -0.0")]
    [InlineData("echo \\${f} $f $$ ${t}}", "echo ${f} $f $$ true}")]
    [InlineData("echo ${big}", "echo 123456789012345678901234567890")]
    public void Values_in_text(string cmd, string expected) =>
        Assert.Equal(
            expected,
            Resolve(cmd, "a: {b: [{c: 5}]}\nf: 1.0e-5\nt: true\nn: null\ns: a b\nu: é\nneg: -0.0\nbig: 123456789012345678901234567890\n")
        );

    [Theory]
    [InlineData("", "run --flag --list 1 2 'a b' --nested.x 1 --n None --f 1.0 --q '' --p a/b,c:d@e%f+g=h-i.j")]
    [InlineData(
        "[parsing]\n    bool = boolean_optional\n    list = append\n",
        "run --flag --no-off --list 1 --list 2 --list 'a b' --nested.x 1 --n None --f 1.0 --q '' --p a/b,c:d@e%f+g=h-i.j"
    )]
    [InlineData(
        "[core]\nbool = boolean_optional\n['remote \"x\"']\nlist = append\n[parsing]\nbool=store_true\n",
        "run --flag --list 1 2 'a b' --nested.x 1 --n None --f 1.0 --q '' --p a/b,c:d@e%f+g=h-i.j"
    )]
    public void A_map_in_a_command_becomes_options(string config, string expected)
    {
        using var workspace = Workspace.With(
            "stages:\n  st:\n    cmd: run ${d}\n",
            (
                "params.yaml",
                "d:\n  flag: true\n  off: false\n  list: [1, 2, a b]\n  nested: {x: 1, none: {}}\n  empty: []\n  n: null\n  f: 1.0\n  "
                    + "q: ''\n  p: a/b,c:d@e%f+g=h-i.j\n"
            ),
            (".dvc/config", config)
        );
        Assert.Equal(expected, Cmd(workspace, "st"));
    }

    [Fact]
    public void The_local_config_wins_and_is_found_above()
    {
        using var workspace = Workspace.With(
            "stages: {}\n",
            (".dvc/config", "[parsing]\nlist = append\n"),
            (".dvc/config.local", "[parsing]\nlist = nargs\n")
        );
        workspace.Write("sub/dvc.yaml", "vars: [{d: {l: [1, 2], b: false}}]\nstages: {st: {cmd: 'x ${d}'}}\n");
        var reading = DvcReading.Of(Path.Combine(workspace.Root, "sub"), workspace.Catalog);
        Assert.Equal("x --l 1 2", reading.Stages[0].Data["cmd"]!.AsText);
    }

    [Theory]
    [InlineData("foreach: [us, 3, true, 1.0, null]", "b@us b@3 b@true b@1.0 b@None")]
    [InlineData("foreach: ${list}", "b@us b@3 b@True b@1.0 b@None")]
    [InlineData("foreach: ['${t}', true, 'x${t}']", "b@True b@true b@xtrue")]
    [InlineData("foreach: [a, b, a]", "b@a b@b")]
    [InlineData("foreach: [a, [b]]", "b@0 b@1")]
    [InlineData("foreach: {2021: x, true: y, '${s}': z}", "b@2021 b@true b@text")]
    [InlineData("foreach: []", "")]
    [InlineData("foreach: ${map}", "b@m1 b@m2")]
    public void Foreach_names_its_stages(string loop, string expected)
    {
        using var workspace = Workspace.With(
            $"stages:\n  b:\n    {loop}\n    do: {{cmd: echo x}}\n",
            ("params.yaml", "list: [us, 3, true, 1.0, null]\nt: true\ns: text\nmap: {m1: {x: 1}, m2: {x: 2}}\n")
        );
        var reading = workspace.Reading();
        Assert.Empty(reading.Findings.All);
        Assert.Equal(expected, string.Join(' ', reading.Stages.Select(s => s.Name)));
    }

    [Fact]
    public void Foreach_gives_item_and_key()
    {
        using var workspace = Workspace.With(
            "stages:\n  b:\n    foreach: {m1: {x: 1}, m2: {x: '${v}'}}\n    do:\n      cmd: run ${key} ${item.x} ${item}\n",
            ("params.yaml", "v: 9\n")
        );
        Assert.Equal("run m1 1 --x 1", Cmd(workspace, "b@m1"));
        Assert.Equal("run m2 9 --x 9", Cmd(workspace, "b@m2"));
        Assert.Equal("params.yaml: v=9", Tracked(workspace, "b@m2"));
        Assert.Equal("", Tracked(workspace, "b@m1"));
    }

    [Theory]
    [InlineData(
        "matrix:\n      os: [win, linux]\n      pyv: [3.7, 3.8]\n      dict: [{arg1: 1}, {arg2: 2}]\n      list: [[out1, out11], "
            + "[out2, out22]]"
    )]
    [InlineData("matrix:\n      os: ${os}\n      pyv: ${pyv}\n      dict: ${dict}\n      list: ${list}")]
    public void Matrix_makes_every_combination(string matrix)
    {
        using var workspace = Workspace.With(
            $"stages:\n  build:\n    {matrix}\n    cmd: echo ${{item.os}} ${{item.pyv}} ${{item.dict}} -- ${{item.list.0}} "
                + $"${{item.list.1}} ${{key}}\n",
            ("params.yaml", "os: [win, linux]\npyv: [3.7, 3.8]\ndict: [{arg1: 1}, {arg2: 2}]\nlist: [[out1, out11], [out2, out22]]\n")
        );
        var reading = workspace.Reading();
        Assert.Empty(reading.Findings.All);
        Assert.Equal(16, reading.Stages.Count);
        Assert.Equal("build@win-3.7-dict0-list0", reading.Stages[0].Name);
        Assert.Equal("build@win-3.7-dict0-list1", reading.Stages[1].Name);
        Assert.Equal("build@linux-3.8-dict1-list1", reading.Stages[15].Name);
        Assert.Equal("echo win 3.7 --arg1 1 -- out2 out22 win-3.7-dict0-list1", Cmd(workspace, "build@win-3.7-dict0-list1"));
    }

    [Fact]
    public void Matrix_values_are_named_as_Python_prints_them()
    {
        using var workspace = Workspace.With(
            "stages:\n  b:\n    matrix: {a: [true, 1e-5], b: '${l}'}\n    cmd: echo ${item.a}\n",
            ("params.yaml", "l: [true, x]\n")
        );
        Assert.Equal(["b@true-True", "b@true-x", "b@1e-05-True", "b@1e-05-x"], workspace.Reading().Stages.Select(s => s.Name));
    }

    [Fact]
    public void What_a_loop_takes_from_a_file_is_tracked()
    {
        using var workspace = Workspace.With(
            "stages:\n  build:\n    foreach: ${models}\n    do: {cmd: 'echo ${item.thresh} ${item.epochs}'}\n  m:\n    matrix: {x: "
                + "'${list}'}\n    cmd: echo ${item.x} ${list}\n".Replace(" ${list}\n", "\n", StringComparison.Ordinal),
            ("params.yaml", "models: {a: {thresh: 10}, b: {thresh: 15}}\nlist: [7]\n")
        );
        workspace
            .Write("dvc.yaml", "vars: [t.yaml]\n" + File.ReadAllText(Path.Combine(workspace.Root, "dvc.yaml")))
            .Write("t.yaml", "models: {a: {epochs: 5}, b: {epochs: 6}}\n");
        Assert.Equal("params.yaml: models.a.thresh=10; t.yaml: models.a.epochs=5", Tracked(workspace, "build@a"));
        Assert.Equal("params.yaml: list.0=7", Tracked(workspace, "m@7"));
    }

    [Fact]
    public void Stage_vars_are_read_from_the_working_directory()
    {
        using var workspace = Workspace.With(
            "stages:\n  st:\n    wdir: ${dict.ws}\n    vars: [params.yaml, {own: {z: 1}}]\n    cmd: echo ${dict.foo} ${dict.bar} "
                + "${own.z}\n  o: {cmd: 'echo ${dict.bar}'}\n",
            ("params.yaml", "dict: {bar: bar, ws: data}\n"),
            ("data/params.yaml", "dict: {foo: foo}\n")
        );
        Assert.Equal("echo foo bar 1", Cmd(workspace, "st"));
        Assert.Equal("params.yaml: dict.ws=data, dict.bar=bar; data/params.yaml: dict.foo=foo", Tracked(workspace, "st"));
    }

    [Theory]
    [InlineData("vars: [t.yaml, t.yaml]")]
    [InlineData("vars: ['t.yaml:a', 't.yaml:b']")]
    [InlineData("vars: ['t.yaml:a,b']")]
    [InlineData("vars: [params.yaml, ./t.yaml, sub/../t.yaml]")]
    [InlineData("vars: [{a: 1}, {b: {c: 2}}, {b: {d: 3}}]")]
    public void Files_may_be_named_again(string vars)
    {
        using var workspace = Workspace.With(
            $"{vars}\nstages: {{st: {{cmd: 'echo ${{a}} ${{b}}'}}}}\n".Replace("${b}", "${b.d}", StringComparison.Ordinal),
            ("t.yaml", "a: 1\nb: {d: 3}\n"),
            ("params.yaml", "p: 1\n")
        );
        Assert.Equal("echo 1 3", Cmd(workspace, "st"));
    }

    [Theory]
    [InlineData(
        "cmd: echo ${models.foo.}",
        "failed to parse 'stages.build.cmd' in 'dvc.yaml':\n${models.foo.}\n            ^\nParseException: Expected end of text, found "
            + "'.'  (at char 12), (line:1, col:13)"
    )]
    [InlineData(
        "cmd: echo ${syntax.[error}",
        "failed to parse 'stages.build.cmd' in 'dvc.yaml':\n${syntax.[error}\n        ^\nParseException: Expected end of text, found "
            + "'.'  (at char 8), (line:1, col:9)"
    )]
    [InlineData("cmd: echo ${models.foobar}", "failed to parse 'stages.build.cmd' in 'dvc.yaml': Could not find 'models.foobar'")]
    [InlineData("cmd: echo ${models[foobar]}", "failed to parse 'stages.build.cmd' in 'dvc.yaml': Could not find 'models.foobar'")]
    [InlineData(
        "cmd: x\n    wdir: ${models.foo]}",
        "failed to parse 'stages.build.wdir' in 'dvc.yaml':\n${models.foo]}\n            ^\nParseException: Expected end of text, "
            + "found ']'  (at char 12), (line:1, col:13)"
    )]
    [InlineData("cmd: x\n    wdir: ${nothing}", "failed to parse 'stages.build.wdir' in 'dvc.yaml': Could not find 'nothing'")]
    [InlineData(
        "cmd: x\n    deps: ['${models}']",
        "failed to parse 'stages.build.deps' in 'dvc.yaml':\nCannot interpolate data of type 'dict'"
    )]
    [InlineData("cmd: x ${l}", "failed to parse 'stages.build.cmd' in 'dvc.yaml':\nCannot interpolate data of type 'list'")]
    [InlineData("cmd: x ${nested}", "failed to parse 'stages.build.cmd' in 'dvc.yaml':\nCannot interpolate nested iterable in 'l'")]
    [InlineData("cmd: x\n    vars: [none.yaml]", "failed to parse stage 'build' in 'dvc.yaml': 'none.yaml' does not exist")]
    [InlineData(
        "cmd: x\n    vars: ['params.yaml:l']",
        "failed to parse 'stages.build.vars' in 'dvc.yaml':\ncannot partially load 'params.yaml:l' as it's already loaded."
    )]
    [InlineData("cmd: x\n    vars: ['t.yaml:nope']", "failed to parse stage 'build' in 'dvc.yaml': could not find 'nope' in 't.yaml'")]
    [InlineData(
        "cmd: x\n    vars: ['t.yaml:a', t.yaml]",
        "failed to parse 'stages.build.vars' in 'dvc.yaml':\ncannot load 't.yaml' as it's partially loaded already"
    )]
    [InlineData(
        "cmd: x\n    vars: ['${l}_params.yaml']",
        "failed to parse 'stages.build.vars' in 'dvc.yaml': interpolating is not allowed"
    )]
    [InlineData(
        "cmd: x\n    vars: [{f: 1}, {f: 2}]",
        "failed to parse stage 'build' in 'dvc.yaml':\ncannot redefine 'f' from 'build.vars[1]' as it already exists in 'build.vars[0]'"
    )]
    [InlineData(
        "cmd: x\n    vars: [list.yaml]",
        "failed to parse stage 'build' in 'dvc.yaml': expected a dictionary, got 'list' in file 'list.yaml'"
    )]
    [InlineData("cmd: x\n    vars: [folder]", "failed to parse stage 'build' in 'dvc.yaml': 'folder' is a directory")]
    [InlineData(
        "foreach: ${models.foo}\n    do: {cmd: x}",
        "failed to resolve 'stages.build.foreach' in 'dvc.yaml': expected list/dictionary, got str"
    )]
    [InlineData(
        "foreach: foobar\n    do: {cmd: x}",
        "failed to resolve 'stages.build.foreach' in 'dvc.yaml': expected list/dictionary, got str"
    )]
    [InlineData(
        "foreach: ${modelss.123}\n    do: {cmd: x}",
        "failed to parse 'stages.build.foreach' in 'dvc.yaml': Could not find 'modelss.123'"
    )]
    [InlineData(
        "foreach: ${syntax.[error}\n    do: {cmd: x}",
        "failed to parse 'stages.build.foreach' in 'dvc.yaml':\n${syntax.[error}\n        ^\nParseException: Expected end of text, "
            + "found '.'  (at char 8), (line:1, col:9)"
    )]
    [InlineData(
        "foreach: [{thresh: 10}, {}]\n    do: {cmd: '${item.thresh}'}",
        "failed to parse 'stages.build@1.cmd' in 'dvc.yaml': Could not find 'item.thresh'"
    )]
    [InlineData(
        "foreach: [foo]\n    do: {wdir: '${ite}', cmd: x}",
        "failed to parse 'stages.build@foo.wdir' in 'dvc.yaml': Could not find 'ite'"
    )]
    [InlineData(
        "foreach: {model1: {a: 1}}\n    do: {vars: [{item: 5, key: 10}], cmd: x}",
        "failed to parse stage 'build@model1' in 'dvc.yaml': attempted to modify reserved keys item and key"
    )]
    [InlineData(
        "foreach: {model1: {a: 1}}\n    do: {vars: [item.yaml], cmd: x}",
        "failed to parse stage 'build@model1' in 'dvc.yaml': attempted to modify reserved key item in 'item.yaml'"
    )]
    [InlineData("foreach: ['a@b']\n    do: {cmd: x}", "Could not find 'build@a@b'")]
    [InlineData("matrix: {a: '${nope}'}\n    cmd: x", "failed to parse 'stages.build.matrix' in 'dvc.yaml': Could not find 'nope'")]
    [InlineData(
        "matrix: {a: '${models}'}\n    cmd: x",
        "failed to resolve 'stages.build.matrix' in 'dvc.yaml': expected list for 'a', got dict"
    )]
    public void Errors_are_in_DVCs_words(string stage, string message)
    {
        using var workspace = Workspace.With(
            $"stages:\n  build:\n    {stage}\n",
            ("params.yaml", "models: {foo: bar}\nl: [1]\nnested: {l: [1, [2]]}\n"),
            ("t.yaml", "a: 1\n"),
            ("list.yaml", "- 1\n"),
            ("item.yaml", "item: 1\n"),
            ("folder/x", "")
        );
        Assert.Equal(message, workspace.Reading().Findings.All[0].Message);
    }

    [Theory]
    [InlineData("vars: [x.yaml]", "failed to parse 'vars' in 'dvc.yaml': 'x.yaml' does not exist", 1)]
    [InlineData(
        "vars:\n  - {b: 1}\n  - {l: 3}",
        "failed to parse 'vars' in 'dvc.yaml':\ncannot redefine 'l' from 'vars[1]' as it already exists in 'params.yaml'",
        3
    )]
    [InlineData(
        "vars: [{m: {k: {x: 1}}}]",
        "failed to parse 'vars' in 'dvc.yaml':\ncannot redefine 'm.k' from 'vars[0]' as it already exists in 'params.yaml'",
        1
    )]
    public void Errors_of_the_files_variables(string vars, string message, int line)
    {
        using var workspace = Workspace.With(
            $"{vars}\nstages: {{st: {{cmd: 'echo ${{undefined}}'}}}}\n",
            ("params.yaml", "l: [1]\nm: {k: 1}\n")
        );
        // What the broken variables may have defined is not called missing.
        Assert.Equal((message, line), (workspace.Error().Message, workspace.Error().Line));
    }

    [Fact]
    public void A_date_in_params_is_told_with_its_own_line()
    {
        using var workspace = Workspace.With("stages: {st: {cmd: x}}\n", ("params.yaml", "a: 1\nb:\n  c: [2020-01-01]\n"));
        var error = workspace.Error();
        Assert.Equal(
            ("params.yaml", 3, "Unsupported value of type 'date' in 'params.yaml:b.c.0'"),
            (error.File, error.Line, error.Message)
        );
        Assert.Equal("Quote it to make it text.", error.Fix);
    }

    [Fact]
    public void A_broken_params_file_is_told_with_its_own_line()
    {
        using var workspace = Workspace.With("stages: {st: {cmd: 'echo ${a}', params: [a]}}\n", ("params.yaml", "a: 1\na: 2\n"));
        var error = workspace.Error();
        Assert.Equal(("params.yaml", 2), (error.File, error.Line));
        Assert.Contains("duplicate key \"a\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Undefined_variables_come_with_the_near_name()
    {
        using var workspace = Workspace.With(
            "stages:\n  st:\n    cmd:\n      - echo\n      - echo ${train.epoch}\n      - echo ${trian.lr}\n",
            ("params.yaml", "train: {epochs: 3, lr: 1}\n")
        );
        Assert.Equal(
            [(5, "Did you mean '${train.epochs}'?"), (6, "Did you mean '${train.lr}'?")],
            workspace.Errors().Select(e => (e.Line, e.Fix))
        );
    }

    [Fact]
    public void Taken_names_are_warned_of()
    {
        using var workspace = Workspace.With(
            "stages:\n  b:\n    foreach: [x]\n    do: {cmd: 'echo ${item}'}\n",
            ("params.yaml", "item: 1\n")
        );
        Assert.Equal(["item is already specified, will be overwritten for stages generated from 'b'"], workspace.Spec().Warnings);
    }

    [Fact]
    public void Whole_values_keep_their_type()
    {
        using var workspace = Workspace.With(
            "stages:\n  st:\n    cmd: x\n    meta: {a: '${n}', b: 'x${n}', '${k}': ['${t}']}\n",
            ("params.yaml", "n: 1\nk: key\nt: true\n")
        );
        Assert.Equal("{'a': 1, 'b': 'x1', 'key': [True]}", PythonText.Repr(workspace.Reading().Stages[0].Data["meta"]!));
    }

    [Fact]
    public void Top_level_sections_are_read()
    {
        using var workspace = Workspace.With(
            """
            params: [p.yaml]
            metrics: ['${m}']
            plots:
              - '${m}'
              - eval.csv: {x: a, y: {f.csv: b}}
              - roc:
            artifacts:
              model: {path: m.pkl, type: model, labels: [x], meta: {a: '${m}'}}
            datasets:
              - {name: d, type: dc, url: 'dc://d'}
            stages: {}
            """,
            ("params.yaml", "m: metrics.json\n")
        );
        Assert.Equal(["the file has no stages, so there is nothing to run"], workspace.Spec().Warnings);
        workspace.Write("dvc.yaml", "metrics: ['${nope}']\nartifacts: {model: {type: x}}\nplots: [{a: {z: 1}}]\n");
        Assert.Equal(3, workspace.Errors().Count);
    }

    private static string Resolve(string cmd, string parameters)
    {
        using var workspace = Workspace.With(
            $"stages:\n  st:\n    cmd: \"{cmd.Replace("\\", "\\\\", StringComparison.Ordinal)}\"\n",
            ("params.yaml", parameters)
        );
        return Cmd(workspace, "st");
    }

    private static string Cmd(Workspace workspace, string stage)
    {
        var reading = workspace.Reading();
        Assert.Empty(reading.Findings.All);
        return reading.Stages.Single(s => s.Name == stage).Data["cmd"]!.AsText!;
    }

    private static string Tracked(Workspace workspace, string stage) =>
        string.Join(
            "; ",
            workspace
                .Reading()
                .Stages.Single(s => s.Name == stage)
                .Tracked.ByFile.Select(f => f.Key + ": " + string.Join(", ", f.Value.Select(v => v.Key + "=" + PythonText.Str(v.Value))))
        );
}
