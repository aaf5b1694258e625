# Writes Normalization.txt from the Unicode tables that perl carries: perl normalization.pl > Normalization.txt
# Only characters of Unicode 9.0 and before: those are what the tokenizers library normalizes.
use strict;
use warnings;
use open qw(:std :utf8);
use Unicode::UCD qw(charinfo prop_invmap);
use Unicode::Normalize qw(NFC);

my ($ages, $age) = prop_invmap("Age");
my (%class, %mark, @lines);
for my $i (0 .. $#$ages) {
    next if $age->[$i] eq "Unassigned" || $age->[$i] > 9.0;
    my $end = $i < $#$ages ? $ages->[$i + 1] : 0x110000;
    for my $c ($ages->[$i] .. $end - 1) {
        next if $c >= 0xAC00 && $c <= 0xD7A3 || $c >= 0xD800 && $c <= 0xF8FF || $c >= 0xF0000;
        my $info = charinfo($c) or next;
        $class{$c} = ": $info->{combining}" if $info->{combining};
        $mark{$c} = "^" if $info->{category} =~ /^M/;
        my $parts = $info->{decomposition};
        next if $parts eq "";
        my $sign = $parts =~ s/^<\w+> // ? "~" : "=";
        if ($sign eq "=" && NFC(join "", map { chr hex } split / /, $parts) ne chr $c) { $sign = "!" }
        push @lines, [$c, sprintf "%04X %s %s", $c, $sign, $parts];
    }
}

print "# Unicode 9.0 normalization data, written by normalization.pl. Copyright (C) Unicode, Inc.; Unicode License v3.\n";
print "# C = parts: canonical decomposition; C ! parts: canonical, never composed again; C ~ parts: compatibility decomposition.\n";
print "# C..D : n: the characters' canonical combining class. C..D ^: combining marks. Hangul syllables are computed.\n";
print "$_->[1]\n" for sort { $a->[0] <=> $b->[0] } @lines;
for my $table (\%class, \%mark) {
    my ($start, $last);
    for my $c ((sort { $a <=> $b } keys %$table), 0x110000) {
        if (defined $last && ($c != $last + 1 || ($table->{$c} // "") ne $table->{$last})) {
            printf "%04X..%04X %s\n", $start, $last, $table->{$last};
            undef $start;
        }
        $start //= $c;
        $last = $c;
    }
}
