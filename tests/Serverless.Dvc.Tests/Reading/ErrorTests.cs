using Serverless.Core;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>Everything wrong is told, with its line and what would be right.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData(
        "cmd: x\n    dep: [i]",
        4,
        "unknown key 'dep' in stage 'st' (extra keys not allowed @ data['stages']['st']['dep'])",
        "Did you mean 'deps'?"
    )]
    [InlineData("cmd: x\n    zzzzzz: 1", 4, "unknown key 'zzzzzz' in stage 'st'", "Allowed keys: cmd, wdir,")]
    [InlineData("comd: x", 3, "unknown key 'comd' in stage 'st'", "Did you mean 'cmd'?")]
    [InlineData(
        "desc: x",
        3,
        "stage 'st' has no 'cmd' (required key not provided @ data['stages']['st']['cmd'])",
        "Add `cmd:` with a command, or `uses:` with a component."
    )]
    [InlineData("cmd: x\n    uses: train/fast-tree", 4, "stage 'st' has both 'cmd' and 'uses'", "Keep one")]
    [InlineData("cmd: x\n    with: {a: 1}", 4, "stage 'st' has 'with', but no 'uses'", "`with` sets the parameters of a component")]
    [InlineData(
        "cmd: 1",
        3,
        "'cmd' of stage 'st' must be a command or a list of commands, but is 1 (int) (expected str @ data['stages']['st']['cmd'])",
        "Use"
    )]
    [InlineData("cmd: ''", 3, "'cmd' of stage 'st' must be a command", "Use")]
    [InlineData("cmd: [x, 1]", 3, "'cmd' of stage 'st' must be text, but is 1 (int)", "Quote it: '1'.")]
    [InlineData("cmd: ${d}", 3, "'cmd' of stage 'st' must be a command or a list of commands, but is a map", "Use")]
    [InlineData(
        "cmd: x\n    deps: i",
        4,
        "'deps' of stage 'st' must be a list, but is 'i' (str) (expected a list @ data['stages']['st']['deps'])",
        "Use [i]."
    )]
    [InlineData("cmd: x\n    deps:\n      - i\n      - 5", 6, "'deps' of stage 'st' must be text, but is 5 (int)", "Quote it")]
    [InlineData(
        "cmd: x\n    frozen: yes",
        4,
        "'frozen' of stage 'st' must be true or false, but is 'yes' (str)",
        "Use true. In YAML 1.2 this is text."
    )]
    [InlineData("cmd: x\n    outs: [{o: {cahce: false}}]", 4, "unknown key 'cahce' in output 'o' of stage 'st'", "Did you mean 'cache'?")]
    [InlineData("cmd: x\n    outs: [{o: {cache: 1}}]", 4, "'cache' of output 'o' of stage 'st' must be true or false", "Use")]
    [InlineData("cmd: x\n    outs: [{o: }]", 4, "'o' of output 'o' of stage 'st' must be a map, but is empty", "Use")]
    [InlineData("cmd: x\n    plots: [{o: {template: 1}}]", 4, "'template' of output 'o' of stage 'st' must be text", "Quote it")]
    [InlineData("cmd: x\n    params: [1]", 4, "'params' of stage 'st' must be a parameter's name", "Use")]
    [InlineData("cmd: x\n    params: [{f.yaml: a}]", 4, "'f.yaml' of stage 'st' must be a list", "Use [a].")]
    [InlineData("foreach: 5\n    do: {cmd: x}", 3, "'foreach' of stage 'st' must be a list or a map", "Use")]
    [InlineData("foreach: [a]", 2, "stage 'st' has no 'do'", "Add `do:`")]
    [InlineData("foreach: [a]\n    do: {cmd: x}\n    deps: [a]", 5, "unknown key 'deps' in stage 'st'", "Move all other keys into `do`")]
    [InlineData("foreach: [a]\n    do: {cmd: x, mtrics: [m]}", 4, "unknown key 'mtrics' in stage 'st'", "Did you mean 'metrics'?")]
    [InlineData("matrix: [a]\n    cmd: x", 3, "'matrix' of stage 'st' must be a map", "Use")]
    [InlineData("matrix: {a: 5}\n    cmd: x", 3, "'a' of stage 'st' must be a list", "Use")]
    [InlineData("cmd: x\n    timeout: soon", 4, "'timeout' of stage 'st' must be a duration such as 30s", "Use")]
    [InlineData("cmd: x\n    timeout: ٣s", 4, "'timeout' of stage 'st' must be a duration", "Use")]
    [InlineData("cmd: x\n    timeout: 0", 4, "'timeout' of stage 'st' must be a duration", "Use")]
    [InlineData("cmd: x\n    retry: 0", 4, "'retry' of stage 'st' must be a whole number from 1 to 100", "Use")]
    [InlineData("cmd: x\n    retry: {backoff: 1s}", 4, "'retry' of stage 'st' has no 'attempts'", "attempts: 3")]
    [InlineData(
        "cmd: x\n    retry: {attempts: 2, facter: 2}",
        4,
        "unknown key 'facter' in 'retry' of stage 'st'",
        "Did you mean 'factor'?"
    )]
    [InlineData(
        "cmd: x\n    retry: {attempts: 2, factor: 0.5}",
        4,
        "'retry.factor' of stage 'st' must be a number of 1 or more, but is 0.5",
        "Use"
    )]
    [InlineData(
        "cmd: x\n    resources: {memory: lots}",
        4,
        "'resources.memory' of stage 'st' must be an amount of memory such as 512Mi or 4Gi, but is 'lots'",
        "Use"
    )]
    [InlineData("cmd: x\n    resources: {cpu: -1}", 4, "'resources.cpu' of stage 'st' must be a number of cores", "Use")]
    [InlineData("cmd: x\n    resources: 4", 4, "'resources' of stage 'st' must be a map", "Use")]
    [InlineData("cmd: x\n    approval: maybe", 4, "'approval' of stage 'st' must be true, or a map", "Use")]
    [InlineData(
        "cmd: x\n    env: {1A: x}",
        4,
        "'1A' in 'env' of stage 'st' is not a valid environment variable name",
        "starting with a letter"
    )]
    [InlineData("cmd: x\n    env: {A: [x]}", 4, "'env.A' of stage 'st' must be text, but is a list", "Use")]
    [InlineData("cmd: x\n    finally: no", 4, "'finally' of stage 'st' must be true or false", "Use false")]
    [InlineData("cmd: x\n    when: 5", 4, "'when' of stage 'st' must be a condition", "Use")]
    [InlineData(
        "cmd: x\n    when: a.b =",
        4,
        "'when' of stage 'st': The condition 'a.b =' is invalid at position 5: expected ==",
        "Example: compare.promote"
    )]
    [InlineData("cmd: x\n    when: othr.x == 1", 4, "stage 'st' refers to 'othr', which is not a stage", "Did you mean 'other'?")]
    [InlineData(
        "cmd: x\n    when: params.z == 1",
        4,
        "'when' of stage 'st' refers to 'params.z', which is not in params.yaml",
        "Did you mean 'd'?"
    )]
    [InlineData(
        "cmd: x\n    deps: [s3://bucket/x]",
        4,
        "a dependency of stage 'st' is the URL 's3://bucket/x'",
        "Use a file or folder of the workspace"
    )]
    [InlineData(
        "cmd: x\n    deps: [/data/x]",
        4,
        "a dependency of stage 'st' is the absolute path '/data/x'",
        "Use a path relative to the pipeline's folder"
    )]
    [InlineData(
        "cmd: x\n    outs: [/tmp/x]",
        4,
        "an output of stage 'st' is the absolute path",
        "Use a path relative to the pipeline's folder"
    )]
    [InlineData("cmd: x\n    wdir: /tmp", 4, "the wdir of stage 'st' is the absolute path", "Use a path relative to the pipeline's folder")]
    [InlineData("cmd: x\n    outs: [.]", 4, "stage: 'st' is within an output '.' of another stage", "inside the pipeline's folder")]
    [InlineData("cmd: x\n    deps: [i.csv]", 4, "dependency 'i.csv' does not exist: stage 'st' reads it", "Did you mean 'ii.csv'?")]
    [InlineData(
        "cmd: x\n    deps: [nowhere/to/be.found]",
        4,
        "dependency 'nowhere/to/be.found' does not exist: stage 'st' reads it",
        "Create the file"
    )]
    [InlineData(
        "cmd: x\n    deps: [big/part.csv]",
        4,
        "dependency 'big/part.csv' does not exist: stage 'st' reads it",
        "It is tracked by 'big.dvc'"
    )]
    [InlineData(
        "cmd: x\n    deps: [other.ot]",
        4,
        "dependency 'other.ot' does not exist: stage 'st' reads it",
        "Did you mean 'other.out', which is an output of a stage?"
    )]
    [InlineData("cmd: x\n    params: [lr, d]", 4, "Parameters 'lr' are missing from 'params.yaml'.", "Define them in 'params.yaml'")]
    [InlineData("cmd: x\n    params: [d.y]", 4, "Parameters 'd.y' are missing from 'params.yaml'.", "Did you mean 'd.x'?")]
    [InlineData(
        "cmd: x\n    params: [{p.yaml: [a]}]",
        4,
        "dependency 'p.yaml' does not exist: stage 'st' reads parameters from it",
        "Create it"
    )]
    [InlineData("cmd: x\n    outs: [o]\n    frozen: true", 4, "missing data 'source': o", "A frozen stage does not run")]
    [InlineData("cmd: x\n    outs: [o]\n    metrics: [o]", 5, "output 'o' is already specified in stage: 'st'.", "List it only once")]
    [InlineData(
        "cmd: x\n    outs: [other.out]",
        5,
        "output 'other.out' is specified in:\n\t- st\n\t- other",
        "Use another path for one of them."
    )]
    [InlineData(
        "foreach: [a, b]\n    do: {cmd: x, outs: [o]}",
        4,
        "output 'o' is specified in:\n\t- st@a\n\t- st@b",
        "for example with ${item} or ${key} in it"
    )]
    [InlineData(
        "cmd: x\n    outs: [other.out/f]",
        5,
        "The output paths:\n'other.out'('other')\n'other.out/f'('st')\noverlap",
        "Use another path for one of them"
    )]
    [InlineData(
        "cmd: x\n    deps: [i]\n    outs: [i]",
        4,
        "Same item(s) are defined as both a dependency and an output in stage: st.",
        "depends on itself"
    )]
    [InlineData(
        "uses: train/fast-tre\n    with: {data: d}",
        3,
        "stage 'st' uses 'train/fast-tre', which is not a component",
        "Did you mean 'train/fast-tree'?"
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m,\n      tree: 5}",
        5,
        "component 'train/fast-tree' of stage 'st' has no parameter 'tree'",
        "Did you mean 'trees'?"
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv}",
        4,
        "stage 'st' does not set 'model', which component 'train/fast-tree' requires",
        "Add `model:` under `with`: a path."
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m, trees: many}",
        4,
        "component 'train/fast-tree' of stage 'st': 'trees' must be a whole number, but is \"many\"",
        "Set it to a whole number."
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m, trees: 0}",
        4,
        "component 'train/fast-tree' of stage 'st': The field trees must be between 1 and 1000.",
        "Set it to a whole number."
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m, kind: xgboost}",
        4,
        "'kind' must be one of fast-tree, light-gbm",
        "Set it to one of"
    )]
    [InlineData("uses: train/fast-tree\n    with: {data: [x], model: m}", 4, "'data' must be a path", "Set it to a path.")]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: gone.csv, model: m}",
        4,
        "dependency 'gone.csv' does not exist: stage 'st' reads it",
        "Create the file"
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: {from: other.x}, model: m}",
        4,
        "'data' of stage 'st' is a path, which cannot come `from` an output value",
        "Use the path itself"
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m, trees: {from: nope.x}}",
        4,
        "stage 'st' refers to 'nope', which is not a stage",
        "Stages:"
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m, trees: {from: x}}",
        4,
        "'x' in 'with.trees' of stage 'st' is not of the form stage.output",
        "stage.output"
    )]
    [InlineData(
        "uses: train/fast-tree\n    with: {data: ii.csv, model: m, trees: '${nope}'}",
        4,
        "failed to parse 'stages.st.with' in 'dvc.yaml': Could not find 'nope'",
        "Define it"
    )]
    [InlineData(
        "uses: train/fast-tree\n    env: {A: b}\n    with: {data: ii.csv, model: m}",
        4,
        "stage 'st' has 'env' and 'uses'",
        "`env` applies to `cmd`"
    )]
    [InlineData("uses: train/fast-tree\n    with: 5", 4, "'with' of stage 'st' must be a map", "Use")]
    [InlineData(
        "cmd: x\n    when: last.x == 1",
        4,
        "stage 'st' depends on 'last', which is a `finally` stage",
        "`finally` stages run after all others"
    )]
    [InlineData("cmd: x\n    when: st.x == 1", 4, "Stages depend on one another: st.", "depends on itself")]
    [InlineData(
        "cmd: x\n    when: grp.x == 1",
        4,
        "stage 'st' refers to 'grp', which is a group of stages",
        "Use one of its stages: grp@a, grp@b."
    )]
    public void One_mistake_is_one_error(string stage, int line, string message, string fix)
    {
        using var workspace = Workspace.With(
            $"stages:\n  st:\n    {stage}\n  other: {{cmd: x, outs: [other.out]}}\n  last: {{cmd: x, finally: true}}\n  grp:\n    "
                + $"foreach: [a, b]\n    do: {{cmd: x}}\n",
            ("ii.csv", ""),
            ("i", ""),
            ("big.dvc", ""),
            ("params.yaml", "d: {x: 1}\n")
        );
        var errors = workspace.Using<TrainComponent>().Errors();
        var error = errors[0];
        // A `with` that is no map gives no parameters either.
        Assert.True(errors.Count == 1 || message.StartsWith("'with'", StringComparison.Ordinal), string.Join('\n', errors));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(fix, error.Fix, StringComparison.Ordinal);
        Assert.Equal(("dvc.yaml", line), (error.File, error.Line));
    }

    [Theory]
    [InlineData("a/b", "stage name 'a/b' cannot contain '/'")]
    [InlineData("a@b", "stage name 'a@b' cannot contain '@'")]
    [InlineData("a:b", "stage name 'a:b' cannot contain ':'")]
    [InlineData("5", "a stage's name must be text, but is 5 (int)")]
    [InlineData("''", "a stage has no name")]
    public void Bad_names_of_stages(string name, string message)
    {
        using var workspace = Workspace.With($"stages:\n  {name}: {{cmd: x}}\n");
        Assert.Equal((message, 2), (workspace.Errors()[0].Message, workspace.Errors()[0].Line));
    }

    [Theory]
    [InlineData("train.v1")]
    [InlineData("Train_2-b")]
    [InlineData("étape un")]
    public void Good_names_of_stages(string name)
    {
        using var workspace = Workspace.With($"stages:\n  {name}: {{cmd: x}}\n");
        Assert.Equal(name, workspace.Spec().Graph.Tasks[0].Name);
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        using var workspace = Workspace.With(
            """
            stagess: {}
            stages:
              a: {cmd: 'x ${undefined}', outs: [o1], deps: [o3]}
              b: {cmd: x, outs: [o2], deps: [o1], bogus: 1}
              c: {cmd: x, outs: [o3], deps: [o2, missing.csv]}
              d: {cmd: x, outs: [o1]}
              e: {uses: nothing}
              f: {cmd: x, params: [nope], timeout: never}
            """,
            ("params.yaml", "a: 1\n")
        );
        var wrong = Assert.Throws<ServerlessException>(workspace.Read);
        Assert.Equal(ErrorCodes.InvalidParameterValue, wrong.Code);
        Assert.Equal([1, 3, 3, 4, 6, 7, 8, 8], wrong.Diagnostics.Select(d => d.Line));
        Assert.Equal($"'{workspace.Root}' has 8 errors. Nothing was started.", wrong.Message);
        Assert.Contains(
            wrong.Diagnostics,
            d => d.Fix == "The cycle is a → c → b → a, where each depends on the next. Remove one of these dependencies."
        );

        // A component that is not known may write the missing file.
        workspace.Write(
            "dvc.yaml",
            File.ReadAllText(Path.Combine(workspace.Root, "dvc.yaml")).Replace("uses: nothing", "cmd: x", StringComparison.Ordinal)
        );
        Assert.Contains(workspace.Errors(), d => d.Message == "dependency 'missing.csv' does not exist: stage 'c' reads it" && d.Line == 5);
    }

    [Fact]
    public void What_is_unknown_because_of_another_error_is_not_told_as_missing()
    {
        using var workspace = Workspace.With("stages:\n  a: {cmd: x, outs: ['${undefined}']}\n  b: {cmd: x, deps: [o1]}\n");
        Assert.Contains("Could not find 'undefined'", workspace.Error().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_over_conditions()
    {
        using var workspace = Workspace.With("stages:\n  a: {cmd: x, deps: [o], outs: [p]}\n  b: {cmd: x, outs: [o], when: 'a.x == 1'}\n");
        var error = workspace.Error();
        Assert.Equal("Stages depend on one another: a, b.", error.Message);
        Assert.Equal("The cycle is a → b → a, where each depends on the next. Remove one of these dependencies.", error.Fix);
    }

    [Fact]
    public void A_cycle_through_a_frozen_stage_is_one_too()
    {
        using var workspace = Workspace.With(
            "stages:\n  a: {cmd: x, deps: [o], outs: [p], frozen: true}\n  b: {cmd: x, outs: [o], deps: [p]}\n",
            ("p", "")
        );
        Assert.StartsWith("Same item(s) are defined", workspace.Error().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_chains_are_read()
    {
        var yaml =
            "stages:\n" + string.Concat(Enumerable.Range(1, 3000).Select(i => $"  s{i}: {{cmd: x, deps: [o{i - 1}], outs: [o{i}]}}\n"));
        using var workspace = Workspace.With(yaml, ("o0", ""));
        Assert.Equal(3000, workspace.Spec().Graph.Tasks.Count);
    }

    [Fact]
    public void A_loops_mistake_is_told_once()
    {
        using var workspace = Workspace.With(
            "stages:\n  a:\n    foreach: [1, 2, 3]\n    do: {cmd: x, bogus: '${item}', outs: 'o${item}'}\n"
        );
        Assert.Equal(2, workspace.Errors().Count);
    }

    [Fact]
    public void A_components_mistake_in_a_loop_is_told_once()
    {
        using var workspace = Workspace.With(
            "stages:\n  a:\n    foreach: [x, y]\n    do: {uses: train/fast-tree, with: {data: d, model: '${item}', tree: 1}}\n  b:\n   "
                + " uses: train/fast-tree\n    with: ${all}\n",
            ("d", ""),
            ("params.yaml", "\n\n\n\n\n\n\n\n\n\nall: {data: d, model: m, tree: 1}\n")
        );
        Assert.Equal([4, 7], workspace.Using<TrainComponent>().Errors().Select(e => e.Line));
    }

    [Theory]
    [InlineData("a: {cmd: x, outs: o}")]
    [InlineData("a: {cmd: x, otus: [o]}")]
    [InlineData("a: {cmd: x, outs: [[o]]}")]
    [InlineData("a: text")]
    [InlineData("a: {foreach: [1]}")]
    public void A_broken_list_of_outputs_makes_no_missing_files(string stage)
    {
        using var workspace = Workspace.With($"stages:\n  {stage}\n  b: {{cmd: x, deps: [o]}}\n");
        Assert.Equal(2, workspace.Error().Line);
    }

    /// <summary>Whatever stands in the file: it is read, or told what is wrong with it.</summary>
    [Fact]
    public void No_file_breaks_the_reader()
    {
        const string Yaml = """
            vars: [v.yaml, {x: {y: [1, 2]}}]
            stages:
              a:
                foreach: ${x.y}
                do: {cmd: "run ${item} ${x}", outs: ["d/${item}"], params: [lr, {v.yaml: }], when: "params.lr > 0.5 and not b.ok"}
              b:
                matrix: {k: [1, m], l: "${x.y}"}
                wdir: s
                uses: train/fast-tree
                with: {data: ../d, model: "m-${key}", trees: {from: c.n}, weights: "${w}"}
                retry: {attempts: 2, backoff: 1s}
                timeout: 1h
              c:
                cmd: [x, y]
                deps: [d]
                metrics: [{m.json: {cache: false}}]
                plots: [p]
                frozen: true
                env: {A: b}
                approval: {deadline: 1d}
            """;
        using var workspace = Workspace.With(Yaml, ("v.yaml", "w: {z: 1.5}\n"), ("params.yaml", "lr: 1\n")).Using<TrainComponent>();
        var random = new Random(3);
        string[] pieces =
        [
            "${",
            "}",
            "[",
            "]",
            "{",
            ":",
            "@",
            "..",
            "/",
            "\n",
            "  ",
            "- ",
            "null",
            "5",
            "a",
            "*x",
            "&x ",
            "'",
            "\"",
            "foreach",
            "uses",
            "stages",
            "!!int ",
            "<<",
            "\t",
            "~",
            "#",
        ];
        for (var i = 0; i < 1500; i++)
        {
            var text = Yaml;
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                text = text[..at] + pieces[random.Next(pieces.Length)] + text[Math.Min(text.Length, at + random.Next(4))..];
            }

            workspace.Write("dvc.yaml", text);
            try
            {
                workspace.Read();
            }
            catch (ServerlessException wrong)
            {
                Assert.NotEmpty(wrong.Diagnostics);
                Assert.All(wrong.Diagnostics, d => Assert.True(d.Line > 0, $"{d}\n{text}"));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{e}\n{text}");
            }
        }
    }

    [Fact]
    public void Broken_YAML_is_told_with_its_line()
    {
        using var workspace = Workspace.With("stages:\n  a:\n    cmd: x\n   b: 1\n");
        var error = workspace.Error();
        Assert.Equal("dvc.yaml", error.File);
        Assert.InRange(error.Line, 3, 4);
    }

    [Theory]
    [InlineData("- a\n")]
    [InlineData("text\n")]
    public void A_file_that_is_no_map(string yaml)
    {
        using var workspace = Workspace.With(yaml);
        Assert.Equal("expected a dictionary", workspace.Error().Message);
    }

    [Fact]
    public void No_file_at_all()
    {
        using var workspace = new Workspace();
        Assert.Contains(
            "There is no pipeline file at",
            Assert.Throws<ServerlessException>(workspace.Read).Message,
            StringComparison.Ordinal
        );
    }
}
